"""A scripted Hugging Face: its API, its redirects to a CDN on another port, and files with ranges; faults on request.

    with HubServer() as hub:
        hub.add("someone/tiny-GGUF", {"tiny-Q4_K_M.gguf": b"..."})
        hub.fail("/resolve/", 429, Retry_After="0")
        Hub(hub.endpoint)
What it was asked stands in `requests`, and what the CDN was asked in `cdn.requests`.
"""

import hashlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from utils.threads.stop import CancellationToken


@dataclass
class Fault:
    """What is answered once in place of what should be: a status, or a cut after so many bytes."""

    path: str
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int = -1


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    sent_bytes: int = 0

    @property
    def begin(self) -> int:
        """Return from which byte on a file was asked for."""
        return int(self.headers.get("range", "bytes=0-").removeprefix("bytes=").rstrip("-"))


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler], port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), handler)
        self.requests: list[Asked] = []
        self.faults: list[Fault] = []
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def fail(self, path: str, status: int = 0, cut_after: int = -1, **headers: str) -> None:
        """Fail the next request whose path has this in it."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.faults.append(Fault(path, status, told, cut_after))

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class Cdn(_Server):
    """Where the bytes are; `gate`, once it is given, holds them back after the first half until it is set."""

    def __init__(self) -> None:
        super().__init__(_CdnHandler)
        self.blobs: dict[str, bytes] = {}  # by the SHA-256 that was promised
        self.gate: CancellationToken | None = None
        self.has_ranges = True


class HubServer(_Server):
    """The hub itself, which knows what is where."""

    def __init__(self, port: int = 0) -> None:
        self.cdn = Cdn()
        self.repositories: dict[str, dict[str, str]] = {}
        self.revision = "a" * 40
        super().__init__(_HubHandler, port)

    def __enter__(self) -> "HubServer":
        return self

    def __exit__(self, *_: object) -> None:
        if self.cdn.gate:
            self.cdn.gate.set()
        self.close()
        self.cdn.close()

    def add(self, repository: str, files: dict[str, bytes], *, is_wrong: bool = False) -> None:
        """Put files into a repository; `is_wrong` ones are others than the listing tells."""
        for name, data in files.items():
            sha256 = hashlib.sha256(data).hexdigest()
            self.repositories.setdefault(repository, {})[name] = sha256
            self.cdn.blobs[sha256] = bytes(reversed(data)) if is_wrong else data

    def listing(self, repository: str) -> dict[str, Any]:
        """Return what the API tells of a repository."""
        siblings: list[dict[str, Any]] = [{"rfilename": "README.md", "size": 10, "blobId": "b" * 40}]
        for name, sha256 in self.repositories[repository].items():
            size = len(self.cdn.blobs[sha256])
            lfs = {"sha256": sha256, "size": size, "pointerSize": 130}
            siblings.append({"rfilename": name, "size": size, "blobId": "c" * 40, "lfs": lfs})
        card = {"license": "apache-2.0"}
        return {"id": repository, "sha": self.revision, "siblings": siblings, "cardData": card, "tags": []}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def note(self, server: _Server) -> tuple[Asked, Fault | None]:
        """Write the request down, and return it with the fault that is due."""
        asked = Asked(self.command, unquote(self.path), {name.lower(): value for name, value in self.headers.items()})
        server.requests.append(asked)
        fault = next((one for one in server.faults if one.path in asked.path), None)
        if fault:
            server.faults.remove(fault)
        return asked, fault

    def send(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class _HubHandler(_Handler):
    server: HubServer

    def do_GET(self) -> None:
        asked, fault = self.note(self.server)
        if fault:
            self.send(fault.status, fault.headers)
            return
        path = urlsplit(asked.path).path
        api, _, repository = path.partition("/api/models/")
        if not api and repository:
            if repository not in self.server.repositories:
                self.send(404, {"X-Error-Code": "RepoNotFound"}, b"{}")
                return
            body = json.dumps(self.server.listing(repository)).encode()
            self.send(200, {"Content-Type": "application/json"}, body)
            return
        repository, _, place = path.strip("/").partition("/resolve/")
        sha256 = self.server.repositories.get(repository, {}).get(place.partition("/")[2])
        if not sha256:
            self.send(404, {"X-Error-Code": "EntryNotFound"})
            return
        self.send(302, {"Location": f"{self.server.cdn.endpoint}/{sha256}?signature=secret"})


class _CdnHandler(_Handler):
    server: Cdn

    def do_GET(self) -> None:
        asked, fault = self.note(self.server)
        if fault and fault.status:
            self.send(fault.status, fault.headers)
            return
        data = self.server.blobs[urlsplit(asked.path).path.strip("/")]
        etag = f'"{hashlib.md5(data).hexdigest()}"'  # a mark, no secret
        is_rest = self.server.has_ranges and "range" in asked.headers and asked.headers.get("if-range", etag) == etag
        rest = data[asked.begin :] if is_rest else data
        self.send_response(206 if is_rest else 200)
        self.send_header("Content-Length", str(len(rest)))
        self.send_header("ETag", etag)
        self.end_headers()
        end = fault.cut_after if fault else len(rest)
        self.pour(rest[:end], asked)
        if fault:
            self.close_connection = True

    def pour(self, data: bytes, asked: Asked) -> None:
        """Send bytes, where there is a gate after the first half only once it is open."""
        half = len(data) // 2 if self.server.gate and not self.server.gate.is_set else 0
        try:
            self.wfile.write(data[:half])
            asked.sent_bytes += half
            if half and self.server.gate:
                opened = threading.Event()
                self.server.gate.when_set(opened.set)
                opened.wait()
            self.wfile.write(data[half:])
            asked.sent_bytes += len(data) - half
        except OSError:  # nobody listens any more
            self.close_connection = True
