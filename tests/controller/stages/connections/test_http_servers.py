"""Servers at an address that mean no good, or are broken: a sentence each."""

import gzip
import json
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from controller.stages.connections.tools import tools_of
from model.errors import ToolFailed
from tests.controller.stages.connections.conftest import Connect, call
from tests.mcp_places import told
from tests.waiting import wait_until
from utils.threads.stop import CancellationToken

Act = Callable[["Handler", dict[str, Any]], None]


class Handler(BaseHTTPRequestHandler):
    """Speaks MCP but for calls of tools, which do what the test wants."""

    act: Act
    asked: list[tuple[str, dict[str, str]]]

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((request["method"], dict(self.headers)))
        match request["method"]:
            case "initialize":
                about = {"name": "peer", "version": "1"}
                result = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": about}
                self.answer(request, result)
            case "tools/list":
                self.answer(request, {"tools": [told("act")]})
            case "tools/call":
                type(self).act(self, request)
            case _ if "id" in request:
                self.answer(request, error={"code": -32601, "message": "No such method"})
            case _:
                self.send(202, b"")

    def do_GET(self) -> None:
        self.send(405, b"")

    do_DELETE = do_GET

    def answer(self, request: dict[str, Any], result: Any = None, error: Any = None) -> None:
        message = {"jsonrpc": "2.0", "id": request["id"], **({"error": error} if error else {"result": result})}
        self.send(200, json.dumps(message).encode())

    def send(self, status: int, body: bytes, kind: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


Serve = Callable[[Act], dict[str, Any]]


@pytest.fixture
def asked() -> list[tuple[str, dict[str, str]]]:
    return []


@pytest.fixture
def serve(asked: list[tuple[str, dict[str, str]]]) -> Iterator[Serve]:
    """Return what starts such a server, and returns its row."""
    servers: list[ThreadingHTTPServer] = []

    def served(act: Act) -> dict[str, Any]:
        handler = type("Acting", (Handler,), {"act": staticmethod(act), "asked": asked})
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), handler))
        servers[-1].daemon_threads = True
        Thread(target=servers[-1].serve_forever, daemon=True).start()
        return {"url": f"http://127.0.0.1:{servers[-1].server_port}/mcp", "headers": {"Authorization": "Bearer ${KEY}"}}

    yield served
    for server in servers:
        server.shutdown()
        server.server_close()


def content(text: str) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": text}]}


def test_a_good_server_answers_and_gets_the_headers_of_its_row(
    connect: Connect, serve: Serve, asked: list[tuple[str, dict[str, str]]]
):
    row = serve(lambda handler, request: handler.answer(request, content("good")))
    connection = connect(row=row, KEY="secret")
    assert call(connection, "act") == "good" and [tool.name for tool in tools_of(connection)] == ["act"]
    assert all(headers["Authorization"] == "Bearer secret" for _, headers in asked)
    assert not any("secret" in line for line in connection.log)


def too_large(handler: Handler, request: dict[str, Any]) -> None:
    handler.answer(request, content("x" * 100_000_000))


def compressed(handler: Handler, request: dict[str, Any]) -> None:
    message = {"jsonrpc": "2.0", "id": request["id"], "result": content("x" * 50_000_000)}
    handler.send(200, gzip.compress(json.dumps(message).encode()), Content_Encoding="gzip")


def elsewhere(handler: Handler, request: dict[str, Any]) -> None:
    del request
    handler.send(307, b"", Location="http://127.0.0.1:9/stolen")


def no_json(handler: Handler, request: dict[str, Any]) -> None:
    del request
    handler.send(200, b"{")


def web_page(handler: Handler, request: dict[str, Any]) -> None:
    del request
    handler.send(200, b"<h1>Welcome</h1>", "text/html")


def fault(handler: Handler, request: dict[str, Any]) -> None:
    del request
    handler.send(500, b"<h1>Oh</h1>", "text/html")


def large_event(handler: Handler, request: dict[str, Any]) -> None:
    message = {"jsonrpc": "2.0", "id": request["id"], "result": content("x" * 40_000_000)}
    handler.send(200, b"data: " + json.dumps(message).encode() + b"\n\n", "text/event-stream")


@pytest.mark.parametrize("act", [too_large, compressed, elsewhere, no_json, web_page, fault, large_event])
def test_a_hostile_answer_is_told_in_one_line_and_soon(connect: Connect, serve: Serve, act: Act):
    connection = connect(row=serve(act), KEY="secret")
    connection.start()
    with pytest.raises(ToolFailed, match="“mine”") as caught:
        call(connection, "act", timeout_s=60)
    told_line = f"{caught.value.message} {caught.value.hint}"
    assert "\n" not in told_line and len(told_line) < 700 and "secret" not in told_line
    assert "longer than" not in told_line


def test_a_stream_without_end_ends_at_the_limit(connect: Connect, serve: Serve):
    def endless(handler: Handler, _request: dict[str, Any]) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.end_headers()
        for _ in range(10_000):
            handler.wfile.write(b": still here\n\n")
            handler.wfile.flush()
            time.sleep(0.01)

    connection = connect(row=serve(endless), KEY="secret")
    connection.start()
    with pytest.raises(ToolFailed, match="took longer than 0.5 seconds"):
        call(connection, "act", timeout_s=0.5)


def test_stop_tells_a_server_at_an_address_too(connect: Connect, serve: Serve, asked: list[tuple[str, dict[str, str]]]):
    stop = CancellationToken()

    def slow(_handler: Handler, _request: dict[str, Any]) -> None:
        stop.set()
        wait_until(lambda: any(method == "notifications/cancelled" for method, _ in asked))

    connection = connect(row=serve(slow), KEY="secret")
    connection.start()
    with pytest.raises(ToolFailed):
        call(connection, "act", stop)
    wait_until(lambda: any(method == "notifications/cancelled" for method, _ in asked))


def test_a_server_at_an_address_that_is_gone_is_told_in_one_line(connect: Connect, serve: Serve):
    def gone(handler: Handler, _request: dict[str, Any]) -> None:
        Thread(target=handler.server.shutdown, daemon=True).start()
        handler.server.server_close()
        handler.connection.close()

    connection = connect(row=serve(gone), KEY="secret")
    connection.start()
    for _ in range(3):
        with pytest.raises(ToolFailed, match="“mine”") as caught:
            call(connection, "act", timeout_s=60)
        assert "\n" not in caught.value.message and "longer than" not in caught.value.message
    assert connection.state == "failed"
