"""A scripted Ollama: its list, its pulls as a stream, its deletions, as https://github.com/ollama/ollama tells them.

with OllamaServer() as ollama:
    ollama.add("tiny:latest", 1000)
    Settings.from_env({"OLLAMA_BASE_URL": ollama.url})
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from utils.threads.stop import CancellationToken


class OllamaServer(ThreadingHTTPServer):
    """Ollama, with a library of models to pull; `gate` holds each pull back in its middle until it is set."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.models: dict[str, int] = {}
        self.library: dict[str, int] = {"tiny:latest": 1000}
        self.gate: CancellationToken | None = None
        self.cut = False  # whether the line ends in the middle of a pull
        self.pulls: list[str] = []
        self.left = threading.Event()  # somebody has hung up while a pull ran
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def __enter__(self) -> "OllamaServer":
        return self

    def __exit__(self, *_: object) -> None:
        if self.gate:
            self.gate.set()
        self.shutdown()
        self.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: OllamaServer

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def _asked(self) -> str:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        return str(json.loads(body)["model"])

    def _json(self, value: Any, status: int = 200) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        if self.path == "/v1/models":
            self._json({"object": "list", "data": [{"id": name} for name in self.server.models]})
            return
        details = {"parameter_size": "1.0B", "quantization_level": "Q4_K_M"}
        rows = [{"name": name, "size": size, "details": details} for name, size in self.server.models.items()]
        self._json({"models": rows})

    def do_DELETE(self) -> None:
        name = self._asked()
        found = self.server.models.pop(name, None)
        self._json({} if found else {"error": f"model '{name}' not found"}, 200 if found else 404)

    def do_POST(self) -> None:
        name = self._asked()
        self.server.pulls.append(name)
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._line({"status": "pulling manifest"})
        if name not in self.server.library:
            self._line({"error": "pull model manifest: file does not exist"})
            self.wfile.write(b"0\r\n\r\n")
            return
        self._pour(name, self.server.library[name])

    def _pour(self, name: str, size: int) -> None:
        try:
            for completed in (0, size // 2):
                layer = {"status": "pulling abc", "digest": "sha256:abc", "total": size, "completed": completed}
                self._line(layer)
            if self.server.cut:
                self.close_connection = True
                return
            if self.server.gate:
                while not self.server.gate.is_set:
                    self._line({"status": "pulling abc", "digest": "sha256:abc", "total": size, "completed": size // 2})
                    threading.Event().wait(0.01)
            self._line({"status": "pulling abc", "digest": "sha256:abc", "total": size, "completed": size})
            self._line({"status": "success"})
            self.server.models[name] = size
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.close_connection = True
            self.server.left.set()

    def _line(self, told: dict[str, Any]) -> None:
        data = json.dumps(told).encode() + b"\n"
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
