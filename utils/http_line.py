"""HTTP that can be ended from another thread.

Closing a socket does not wake a thread that is reading from it, and the far side hears nothing until that read ends.
Shutting the socket down does both at once. So each request gets a `Line`: an `httpx.Client` that knows its socket.
Lines are kept and used again, because a new connection to a far host costs a TLS handshake.
"""

import socket
import ssl
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import copy
from functools import cache
from threading import Lock
from typing import Any

import httpcore
import httpx

# By itself httpcore takes 64 KB for each read, and keeps the few bytes that came: with many streams at once, what it
# gives back lies in pieces that nothing fits into, and the program grows. Tokens come in less than 1 KB.
httpcore.HTTP11Connection.READ_NUM_BYTES = 4096


@cache
def _ssl_context() -> ssl.SSLContext:
    """Return the certificates to trust; loading them takes 20 ms, so once is enough."""
    return httpx.create_ssl_context()


class Line:
    """One HTTP client for one request at a time."""

    def __init__(self, timeout_s: float, keep_alive: bool, trust_env: bool = True) -> None:
        self.is_cut = False
        self.when_sent: Callable[[], None] = lambda: None
        self._network_stream: Any = None
        self.client = httpx.Client(
            verify=_ssl_context(),
            timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, 10)),
            limits=httpx.Limits(max_keepalive_connections=1 if keep_alive else 0, keepalive_expiry=30),
            event_hooks={"request": [self._trace_request]},
            follow_redirects=True,
            trust_env=trust_env,  # whether proxies of the system's settings are used
        )

    def cut(self) -> None:
        """End the request under way, at both ends, whatever it is waiting for."""
        self.is_cut = True
        if self._network_stream is not None:
            with suppress(OSError):
                self._network_stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    def renewed(self) -> "Line":
        """Return a line over the same client that a late `cut` of this one does not reach."""
        line = copy(self)
        line.when_sent, self._network_stream = (lambda: None), None
        line.client.event_hooks = {"request": [line._trace_request]}
        return line

    def _trace_request(self, request: httpx.Request) -> None:
        request.extensions["trace"] = self._note_connection

    def _note_connection(self, event_name: str, info: dict[str, Any]) -> None:
        """Keep the newest network stream, and tell when a request has left.

        Source: https://www.encode.io/httpcore/extensions/, "trace".
        """
        if event_name.endswith("send_request_body.complete"):
            self.when_sent()
        if event_name.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._network_stream = info["return_value"]
            if self.is_cut:
                self.cut()


class LinePool:
    """Lines that are free, by the address they were used for."""

    def __init__(self) -> None:
        self._free: dict[tuple[str, float], list[Line]] = defaultdict(list)
        self._lock = Lock()

    @contextmanager
    def line(self, base_url: str, timeout_s: float) -> Iterator[Line]:
        """Lend a line; it comes back only when its request ended well."""
        # A server on this machine is reached in a millisecond, and small ones close kept connections without a word.
        keep_alive = httpx.URL(base_url).host not in ("127.0.0.1", "localhost", "::1")
        with self._lock:
            free = self._free[base_url, timeout_s]
            line = free.pop() if free else Line(timeout_s, keep_alive)
        try:
            yield line
        except BaseException:
            line.cut()
            line.client.close()
            raise
        if line.is_cut:
            line.client.close()
        else:
            with self._lock:
                free.append(line.renewed())
