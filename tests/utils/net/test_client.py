"""A line can be cut while another thread waits on it, and is used again only when all went well."""

import os
import selectors
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Event, Thread, Timer
from typing import Any

import httpcore
import httpx
import pytest

from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import FOR_EVER_S, PATIENCE_S, wait_until
from utils.net import client
from utils.net.client import CancellableClient, ClientPool

BODY = {"messages": [{"role": "user", "content": "Hi"}], "stream": True}


@pytest.mark.parametrize(
    "reply",
    [Reply("one two", stall_after=1), Reply("late", delay_s=FOR_EVER_S)],
    ids=["in the body", "before the headers"],
)
def test_a_cut_ends_both_sides_at_once(server: ScriptedServer, reply: Reply):
    server.script(reply)
    line = CancellableClient(timeout_s=FOR_EVER_S, keep_alive=True)
    Timer(0.2, line.cut).start()
    with (
        pytest.raises(httpx.HTTPError),
        line.client.stream("POST", f"{server.base_url}/chat/completions", json=BODY) as r,
    ):
        r.read()
    request = server.wait_for_request(1, ended=True)
    assert request.closed_at and not request.finished
    line.client.close()


def test_a_line_that_was_cut_before_it_connected_is_cut_when_it_connects(server: ScriptedServer):
    line = CancellableClient(timeout_s=FOR_EVER_S, keep_alive=True)
    line.cut()
    with pytest.raises(httpx.HTTPError):
        line.client.get(f"{server.base_url}/models")
    line.client.close()


def test_a_stream_is_read_with_little_memory(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch):
    asked_bytes: list[int] = []
    line = CancellableClient(timeout_s=PATIENCE_S, keep_alive=False)
    line.when_sent = lambda: monkeypatch.setattr(line._network_stream._stream, "read", noted(asked_bytes, line))
    with line.client.stream("POST", f"{server.base_url}/chat/completions", json=BODY) as response:
        assert response.read()
    assert asked_bytes and max(asked_bytes) <= 4096
    line.client.close()


def test_other_clients_read_as_they_always_do():
    assert httpcore.HTTP11Connection.READ_NUM_BYTES == 64 * 1024


def test_a_line_over_tls_reads_as_little_at_once():
    asked_bytes: list[int] = []

    class Plain(httpcore.MockStream):
        def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
            asked_bytes.append(max_bytes)
            return b"x"

    encrypted = client._SmallReads(Plain([])).start_tls(client.ssl_context())
    assert encrypted.read(64 * 1024) == b"x" and asked_bytes == [4096]


def test_a_line_for_a_large_file_takes_more_at_once(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch):
    asked_bytes: list[int] = []
    line = CancellableClient(PATIENCE_S, False, read_bytes=1 << 15)
    line.when_sent = lambda: monkeypatch.setattr(line._network_stream._stream, "read", noted(asked_bytes, line))
    with line.client.stream("POST", f"{server.base_url}/chat/completions", json=BODY) as response:
        assert response.read()
    assert max(asked_bytes) == 1 << 15
    line.client.close()


def noted(asked_bytes: list[int], line: CancellableClient) -> Callable[[int, float | None], bytes]:
    """Return the way to read from a line that also notes how much is asked for."""
    read = line._network_stream._stream.read

    def read_and_note(max_bytes: int, timeout: float | None = None) -> bytes:
        asked_bytes.append(max_bytes)
        return bytes(read(max_bytes, timeout))

    return read_and_note


def test_a_good_line_is_lent_again_and_a_broken_one_is_not():
    pool = ClientPool()
    with pool.line("http://example.test/v1", 5) as first:
        pass
    with pool.line("http://example.test/v1", 5) as second:
        assert second.client is first.client
        with pool.line("http://example.test/v1", 5) as other:
            assert other.client is not first.client
        second.cut()
    with pool.line("http://example.test/v1", 5) as third:
        assert third.client is other.client
    with pytest.raises(ValueError, match="broken"), pool.line("http://example.test/v1", 5):
        raise ValueError("broken")
    with pool.line("http://example.test/v1", 5) as fourth:
        assert fourth.client is not third.client
        fourth.client.close()


def test_a_stop_that_comes_late_does_not_cut_the_next_request(server: ScriptedServer):
    pool = ClientPool()
    with pool.line(server.base_url, 5) as first:
        first.client.get(f"{server.base_url}/models")
    first.cut()
    with pool.line(server.base_url, 5) as second:
        assert second.client is first.client and not second.is_cut
        assert second.client.get(f"{server.base_url}/models").status_code == 200
        second.cut()
    assert second.is_cut


def test_a_stop_reaches_a_connection_that_was_used_before(server: ScriptedServer):
    server.script(Reply("one two", stall_after=1))
    used = CancellableClient(timeout_s=FOR_EVER_S, keep_alive=True)
    used.client.get(f"{server.base_url}/models")
    line = used.renewed()
    Timer(0.2, line.cut).start()
    with (
        pytest.raises(httpx.HTTPError),
        line.client.stream("POST", f"{server.base_url}/chat/completions", json=BODY) as r,
    ):
        r.read()
    line.client.close()


@pytest.fixture
def deaf() -> Iterator[socket.socket]:
    """Return a place where no connection comes about: nobody takes them, and the queue is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listening.getsockname())
        yield listening
        for one in waiting:
            one.close()


def cut_while_it_asks(line: CancellableClient, url: str, is_waiting: Callable[[], bool]) -> None:
    """Cut a line once it waits, and return when its request has ended."""
    ended = Event()

    def ask() -> None:
        with suppress(httpx.HTTPError):
            line.client.get(url)
        ended.set()

    Thread(target=ask, daemon=True).start()
    wait_until(is_waiting)
    line.cut()
    assert ended.wait(PATIENCE_S), "the request went on"


def test_a_cut_ends_a_connection_that_never_comes_about(deaf: socket.socket, monkeypatch: pytest.MonkeyPatch):
    asked = Event()
    waits = selectors.DefaultSelector.select

    def select(selector: Any, timeout: float | None = None) -> Any:
        asked.set()
        return waits(selector, timeout)

    monkeypatch.setattr(selectors.DefaultSelector, "select", select)
    line = CancellableClient(timeout_s=3600, keep_alive=False)
    line.client.timeout = httpx.Timeout(3600)
    cut_while_it_asks(line, f"http://127.0.0.1:{deaf.getsockname()[1]}/", asked.is_set)


def test_a_cut_ends_a_handshake_that_nobody_answers():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        line = CancellableClient(timeout_s=3600, keep_alive=False)
        line.client.timeout = httpx.Timeout(3600)
        url = f"https://127.0.0.1:{listening.getsockname()[1]}/"
        cut_while_it_asks(line, url, lambda: line._handshake is not None)


def test_a_connection_that_takes_too_long_times_out(deaf: socket.socket):
    line = CancellableClient(timeout_s=0.2, keep_alive=False)
    with pytest.raises(httpx.ConnectTimeout):
        line.client.get(f"http://127.0.0.1:{deaf.getsockname()[1]}/")


def test_a_place_where_nobody_listens_and_a_name_that_leads_nowhere_are_connection_errors():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    line = CancellableClient(timeout_s=PATIENCE_S, keep_alive=False)
    for url in (f"http://127.0.0.1:{port}/", "http://no-such-name.invalid/"):
        with pytest.raises(httpx.ConnectError):
            line.client.get(url)


def test_certificates_that_are_gone_let_the_usual_ones_stand_in(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(os.environ, "SSL_CERT_FILE", "/nowhere/cacert.pem")
    assert client.ssl_context.__wrapped__().cert_store_stats()["x509_ca"] > 0
