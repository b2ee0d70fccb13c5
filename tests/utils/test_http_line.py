"""A line can be cut while another thread waits on it, and is used again only when all went well."""

import time
from collections.abc import Callable
from threading import Timer

import httpx
import pytest

from tests.scripted_server import Reply, ScriptedServer
from utils.http_line import Line, LinePool

BODY = {"messages": [{"role": "user", "content": "Hi"}], "stream": True}


@pytest.mark.parametrize(
    "reply", [Reply("one two", stall_after=1), Reply("late", delay_s=5)], ids=["in the body", "before the headers"]
)
def test_a_cut_ends_both_sides_at_once(server: ScriptedServer, reply: Reply):
    server.script(reply)
    line = Line(timeout_s=10, keep_alive=True)
    Timer(0.2, line.cut).start()
    began_at = time.monotonic()
    with (
        pytest.raises(httpx.HTTPError),
        line.client.stream("POST", f"{server.base_url}/chat/completions", json=BODY) as r,
    ):
        r.read()
    assert time.monotonic() - began_at < 1
    request = server.wait_for_request(1, ended=True, timeout_s=1)
    assert request.closed_at and request.closed_at - began_at < 1
    line.client.close()


def test_a_line_that_was_cut_before_it_connected_is_cut_when_it_connects(server: ScriptedServer):
    line = Line(timeout_s=10, keep_alive=True)
    line.cut()
    with pytest.raises(httpx.HTTPError):
        line.client.get(f"{server.base_url}/models")
    line.client.close()


def test_a_stream_is_read_with_little_memory(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch):
    asked_bytes: list[int] = []
    line = Line(timeout_s=10, keep_alive=False)
    line.when_sent = lambda: monkeypatch.setattr(line._network_stream, "read", noted(asked_bytes, line))
    with line.client.stream("POST", f"{server.base_url}/chat/completions", json=BODY) as response:
        assert response.read()
    assert asked_bytes and max(asked_bytes) <= 4096
    line.client.close()


def noted(asked_bytes: list[int], line: Line) -> Callable[[int, float | None], bytes]:
    """Return the way to read from a line that also notes how much is asked for."""
    read = line._network_stream.read

    def read_and_note(max_bytes: int, timeout: float | None = None) -> bytes:
        asked_bytes.append(max_bytes)
        return bytes(read(max_bytes, timeout))

    return read_and_note


def test_a_good_line_is_lent_again_and_a_broken_one_is_not():
    pool = LinePool()
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
    pool = LinePool()
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
    used = Line(timeout_s=10, keep_alive=True)
    used.client.get(f"{server.base_url}/models")
    line = used.renewed()
    Timer(0.2, line.cut).start()
    began_at = time.monotonic()
    with (
        pytest.raises(httpx.HTTPError),
        line.client.stream("POST", f"{server.base_url}/chat/completions", json=BODY) as r,
    ):
        r.read()
    assert time.monotonic() - began_at < 1
    line.client.close()
