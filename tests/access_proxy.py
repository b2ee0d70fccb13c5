"""What Cloudflare Access is to an app: a proxy in front that adds a person's token to all that they ask."""

import socket
from contextlib import suppress
from threading import Thread

from tests.access_server import HEADER


class AccessProxy:
    """The way of one person to an app; browsers add no header of ours to a WebSocket."""

    def __init__(self, app_port: int, token: str) -> None:
        self._app_port, self._header = app_port, f"{HEADER}: {token}\r\n".encode()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listening.close()

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """Pass on one request, or a WebSocket, and what comes back."""
        with client, socket.create_connection(("127.0.0.1", self._app_port)) as app, suppress(OSError):
            received = b""
            while b"\r\n\r\n" not in received:
                if not (piece := client.recv(65536)):
                    return
                received += piece
            line, _, rest = received.partition(b"\r\n")
            # One request a connection, so that each has its token.
            rest = rest.replace(b"Connection: keep-alive", b"Connection: close")
            app.sendall(line + b"\r\n" + self._header + rest)
            Thread(target=_pass_on, args=(client, app), daemon=True).start()
            _pass_on(app, client)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    """Pass on what comes until nothing more does."""
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
