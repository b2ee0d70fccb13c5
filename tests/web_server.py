"""A small web on 127.0.0.1, with pages as a test wants them: slow, cut, endless, packed, or a search service.

with WebServer() as web:
    web.put("/rain", Page("<p>Rain is water."))
    web.results("rain", [("Rain", web.url("/rain"), "About rain")])   # SearXNG's answer, and Wikipedia's
"""

import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from threading import Event, Thread
from urllib.parse import parse_qs, urlsplit

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Page:
    """What one path answers."""

    body: str | bytes = b""
    kind: str = HTML  # empty: none is named
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0  # before the headers
    stall_after: int | None = None  # after so many bytes of the body nothing more comes
    cut_after: int | None = None  # after so many bytes of the body the connection ends
    repeats: int | None = 1  # None: the body comes again and again without end
    pause_s: float = 0.0  # after each repetition


class Handler(BaseHTTPRequestHandler):
    """Answer a request."""

    server: "WebServer"

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def do_GET(self) -> None:
        """Send what the path is to answer."""
        self.server.asked.append(self.path)
        self.server.hosts.append(self.headers["Host"])
        page = self.server.page(self.path)
        with suppress(ConnectionError, TimeoutError):
            try:
                self._send(page)
            except (ConnectionError, TimeoutError):
                self.server.left_at[self.path] = time.monotonic()

    def _send(self, page: Page) -> None:
        self._wait(page.delay_s)
        self.send_response(page.status)
        body = page.body.encode() if isinstance(page.body, str) else page.body
        own = {"Content-Type": page.kind} if page.kind else {}
        if page.repeats == 1:
            own["Content-Length"] = str(len(body))
        for name, value in (own | page.headers).items():
            self.send_header(name, value)
        self.end_headers()
        for _ in repeat(None) if page.repeats is None else range(page.repeats):
            self.wfile.write(body[: page.stall_after if page.stall_after is not None else page.cut_after])
            if page.stall_after is not None:
                self._wait(60)
            self._wait(page.pause_s)

    def _wait(self, seconds: float) -> None:
        """Wait, but notice when the client leaves."""
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at and not self.server.closing.is_set():
            self.connection.settimeout(min(0.05, max(0.001, ends_at - time.monotonic())))
            try:
                if not self.connection.recv(1):
                    raise ConnectionError
            except TimeoutError:
                continue
        self.connection.settimeout(None)


class WebServer(ThreadingHTTPServer):
    """The server; `asked` holds every path that was asked for, `left_at` when a client left before the end."""

    daemon_threads = True
    request_queue_size = 50

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.pages: dict[str, Page] = {}
        self.found: dict[str, list[tuple[str, str, str]]] = {}
        self.articles: dict[str, str] = {}  # Wikipedia's, by title, as the plain text of an extract
        self.asked: list[str] = []
        self.hosts: list[str] = []
        self.left_at: dict[str, float] = {}
        self.closing = Event()

    @property
    def place(self) -> str:
        """Return host and port."""
        return f"127.0.0.1:{self.server_address[1]}"

    def url(self, path: str = "") -> str:
        """Return the address of a path."""
        return f"http://{self.place}{path}"

    def put(self, path: str, page: Page) -> str:
        """Let a path answer this, and return its address."""
        self.pages[path] = page
        return self.url(path)

    def results(self, word: str, rows: list[tuple[str, str, str]]) -> None:
        """Let searches that hold a word find these rows of title, address and snippet; "" stands for all searches."""
        self.found[word] = rows

    def page(self, path: str) -> Page:
        """Return what a path answers."""
        parts = urlsplit(path)
        if parts.path in self.pages:
            return self.pages[parts.path]
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/search" and query.get("format") == "json":
            rows = self._found(query["q"])
            return _json({"results": [{"title": t, "url": a, "content": s} for t, a, s in rows]})
        if parts.path == "/w/api.php" and "titles" in query:
            return _json({"query": self._article(query["titles"])})
        if parts.path == "/w/api.php":
            rows = self._found(query["srsearch"])
            return _json({"query": {"search": [{"title": t, "snippet": s} for t, _, s in rows]}})
        return Page("<p>There is nothing here.", status=404)

    def _article(self, title: str) -> dict[str, object]:
        """Return what MediaWiki tells of an article, and of the wiki's licence."""
        text = self.articles.get(title)
        page = {"title": title, "missing": True} if text is None else {"title": title, "extract": text}
        rights = {"url": "https://creativecommons.org/licenses/by-sa/4.0/", "text": "CC BY-SA 4.0"}
        return {"pages": [page | {"revisions": [{"revid": 4200 + len(title)}]}], "rightsinfo": rights}

    def _found(self, words: str) -> list[tuple[str, str, str]]:
        return next((rows for word, rows in self.found.items() if word.lower() in words.lower()), [])

    def __enter__(self) -> "WebServer":
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()


def _json(answer: object) -> Page:
    return Page(json.dumps(answer), "application/json")


def article(title: str, *paragraphs: str) -> str:
    """Return a page as a newspaper would have it: a menu, an article, a footer."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    menu = "<nav><a href='/'>Home</a> <a href='/about'>About us</a> <a href='/login'>Log in</a></nav>"
    return (
        f"<!doctype html><html><head><title>{title}</title></head><body>{menu}"
        f"<article><h1>{title}</h1>{text}</article><footer>All rights reserved</footer></body></html>"
    )
