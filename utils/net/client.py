"""HTTP that can be ended from another thread.

Closing a socket does not wake a thread that is reading from it, and the far side hears nothing until that read ends.
Shutting the socket down does both at once. So each request gets a `CancellableClient`: an `httpx.Client` that knows
its socket, also while it connects. Lines are kept and used again, because a new connection to a far host costs a TLS
handshake.
"""

import errno
import os
import selectors
import socket
import ssl
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from copy import copy
from functools import cache, partial
from threading import Lock
from typing import Any

import httpcore
import httpx
from httpcore._backends.sync import SyncStream  # what a backend returns; httpcore is pinned

from utils.net.proxies import host_of, is_loopback, proxy_for
from utils.threads.trace import note

# By itself httpcore takes 64 KB for each read, and keeps the few bytes that came: with many streams at once, what it
# gives back lies in pieces that nothing fits into, and the program grows. Tokens come in less than 1 KB.
_READ_BYTES = 4096
_LOOK_S = 0.05  # how often a connection that is being made looks whether it is still wanted
_UNDER_WAY = (errno.EINPROGRESS, errno.EWOULDBLOCK)


@cache
def ssl_context() -> ssl.SSLContext:
    """Return the certificates to trust; loading them takes 20 ms, so once is enough.

    What SSL_CERT_FILE names may be gone (conda leaves it behind): then the usual ones stand in, and settings tell it.
    """
    try:
        return httpx.create_ssl_context()
    except (OSError, ssl.SSLError):
        return httpx.create_ssl_context(trust_env=False)


def get(url: str, timeout_s: float, headers: dict[str, str] | None = None) -> httpx.Response:
    """Return what an address answers; this machine is asked past every proxy.

    Raises: httpx.HTTPError, httpx.InvalidURL, BadProxy.
    """
    return httpx.get(
        url,
        headers=headers,
        timeout=timeout_s,
        follow_redirects=True,
        verify=ssl_context(),
        proxy=proxy_for(url),
        trust_env=False,
    )


class _SmallReads(httpcore.NetworkStream):
    """A connection that takes little memory for each read; the same over TLS."""

    def __init__(self, stream: httpcore.NetworkStream, most_bytes: int = _READ_BYTES) -> None:
        self._stream = stream
        self._most_bytes = most_bytes

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what has come, of a few KB at most."""
        return self._stream.read(min(max_bytes, self._most_bytes), timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        """Return what is known of the connection, such as its socket."""
        return self._stream.get_extra_info(info)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _SmallReads(self._stream.start_tls(ssl_context, server_hostname, timeout), self._most_bytes)


class _Connecting(httpcore.SyncBackend):
    """Makes connections that end when they are no longer wanted, also before there is one."""

    def __init__(self, read_bytes: int) -> None:
        self._read_bytes = read_bytes
        self.is_cut: Callable[[], bool] = lambda: False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # never asked for here
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Return a connection to the first of a host's addresses that takes one.

        Raises: httpcore.ConnectTimeout, httpcore.ConnectError.
        """
        del local_address
        fault: OSError = OSError(f"{host} has no address")
        try:
            for place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                try:
                    connected = SyncStream(self._connected(place, timeout, socket_options or ()))
                    return _SmallReads(connected, self._read_bytes)
                except OSError as error:
                    fault = error
        except OSError as error:  # the name leads nowhere
            fault = error
        kind = httpcore.ConnectTimeout if isinstance(fault, TimeoutError) else httpcore.ConnectError
        raise kind(str(fault)) from fault

    def _connected(self, place: tuple[Any, ...], timeout_s: float | None, options: Iterable[Any]) -> socket.socket:
        """Return a socket that is connected; raises OSError, which TimeoutError is one of."""
        family, kind, protocol, _, address = place
        connecting = socket.socket(family, kind, protocol)
        try:
            self._connect(connecting, address, timeout_s)
            for option in (*options, (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)):
                connecting.setsockopt(*option)
        except BaseException:
            connecting.close()
            raise
        return connecting

    def _connect(self, connecting: socket.socket, address: Any, timeout_s: float | None) -> None:
        ends_at = time.monotonic() + (1e9 if timeout_s is None else timeout_s)
        connecting.setblocking(False)
        code = connecting.connect_ex(address)
        if code in _UNDER_WAY:
            with selectors.DefaultSelector() as selector:
                selector.register(connecting, selectors.EVENT_WRITE)
                while not selector.select(_LOOK_S):
                    if self.is_cut():
                        raise ConnectionAbortedError("The connection is no longer wanted.")
                    if time.monotonic() > ends_at:
                        raise TimeoutError("The connection took too long.")
            code = connecting.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))
        connecting.setblocking(True)


class CancellableClient:
    """One HTTP client for one request at a time; `read_bytes` is how much it takes from the line at once."""

    def __init__(
        self, timeout_s: float, keep_alive: bool, proxy: httpx.Proxy | None = None, read_bytes: int = _READ_BYTES
    ) -> None:
        self.is_cut = False
        self.when_sent: Callable[[], None] = lambda: None
        self._network_stream: Any = None
        self._handshake: socket.socket | None = None  # TLS hides its socket until it is agreed on
        limits = httpx.Limits(max_keepalive_connections=1 if keep_alive else 0, keepalive_expiry=30)
        transport = httpx.HTTPTransport(verify=ssl_context(), limits=limits, proxy=proxy, trust_env=False)
        self._backend = _Connecting(read_bytes)
        transport._pool._network_backend = self._backend
        self.client = httpx.Client(
            transport=transport,
            timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, 10)),
            follow_redirects=True,
            trust_env=False,  # `proxy_for` has read the system's settings
        )
        self._watch()

    def _watch(self) -> None:
        """Let the client's connections be this line's."""
        self._backend.is_cut = lambda: self.is_cut
        self.client.event_hooks = {"request": [self._trace_request]}

    def cut(self) -> None:
        """End the request under way, at both ends, whatever it is waiting for."""
        self.is_cut = True
        stream = self._network_stream
        for open_socket in (self._handshake, stream and stream.get_extra_info("socket")):
            if open_socket is not None:
                with suppress(OSError):
                    open_socket.shutdown(socket.SHUT_RDWR)

    def renewed(self) -> "CancellableClient":
        """Return a line over the same client that a late `cut` of this one does not reach."""
        line = copy(self)
        line.when_sent, self._network_stream = (lambda: None), None
        line._watch()
        return line

    def _trace_request(self, request: httpx.Request) -> None:
        request.extensions["trace"] = self._note_connection
        # Neither headers nor what else an address may hold a key in.
        address = partial(request.url.copy_with, userinfo=b"", query=None, fragment=None)
        note(method=request.method, address=address, body=request.read)

    def _note_connection(self, event_name: str, info: dict[str, Any]) -> None:
        """Keep the newest network stream, and tell when a request has left.

        Source: https://www.encode.io/httpcore/extensions/, "trace".
        """
        if event_name.endswith("send_request_body.complete"):
            self.when_sent()
        if event_name.endswith("start_tls.started") and self._network_stream is not None:
            self._handshake = self._network_stream.get_extra_info("socket").dup()
        if event_name.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._network_stream = info["return_value"]
        if event_name.endswith(("connect_tcp.complete", "start_tls.started", "start_tls.complete")) and self.is_cut:
            self.cut()
        if event_name.endswith(("start_tls.complete", "start_tls.failed")) and self._handshake is not None:
            self._handshake.close()
            self._handshake = None


class ClientPool:
    """Lines that are free, by the address they were used for."""

    def __init__(self) -> None:
        self._free: dict[tuple[str, float], list[CancellableClient]] = defaultdict(list)
        self._lock = Lock()

    @contextmanager
    def line(self, base_url: str, timeout_s: float) -> Iterator[CancellableClient]:
        """Lend a line; it comes back only when its request ended well.

        Raises: httpx.InvalidURL for what is no address, BadProxy.
        """
        with self._lock:
            free = self._free[base_url, timeout_s]
            line = free.pop() if free else None
        if line is None:
            # A server here is reached in a millisecond, and small ones close kept connections without a word.
            keep_alive = not is_loopback(host_of(base_url))
            line = CancellableClient(timeout_s, keep_alive, proxy_for(base_url))
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
