"""Fetching goes to the place that was checked, and ends in one sentence whatever the other side does."""

import gzip
import os
import zlib
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from threading import Timer
from unittest.mock import patch

import httpcore
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.waiting import FOR_EVER_S, PATIENCE_S, wait_until
from tests.web_server import Page, WebServer
from utils.net.addresses import is_public
from utils.net.safe_fetch import Fetched, FetchRules, fetch
from utils.threads.stop import CancellationToken


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer() as server:
        yield server


@pytest.fixture
def rules(web: WebServer) -> FetchRules:
    return FetchRules(allowed=frozenset({web.place}), timeout_s=PATIENCE_S, size_limit_bytes=50_000)


def fetched(web: WebServer, rules: FetchRules, page: Page) -> Fetched:
    return fetch(web.put("/page", page), rules, CancellationToken())


def test_a_page_comes_with_its_kind_and_charset(web: WebServer, rules: FetchRules):
    page = fetched(web, rules, Page("Größe".encode("latin-1"), "text/html; charset=ISO-8859-1"))
    assert page == Fetched(web.url("/page"), "text/html", "iso-8859-1", "Größe".encode("latin-1"), True)


def test_the_fragment_stays_here_and_no_word_on_the_kind_means_a_page(web: WebServer, rules: FetchRules):
    web.put("/page", Page("<p>Hi", kind=""))
    assert fetch(web.url("/page?a=1#secret"), rules, CancellationToken()).media_type == "text/html"
    assert web.asked == ["/page?a=1"]


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress], ids=["gzip", "deflate"])
def test_a_packed_page_is_unpacked(web: WebServer, rules: FetchRules, pack):
    name = "gzip" if pack is gzip.compress else "deflate"
    page = fetched(web, rules, Page(pack(b"<p>Rain" * 100), headers={"Content-Encoding": name}))
    assert page.data == b"<p>Rain" * 100


def test_a_gzip_bomb_is_read_only_up_to_the_limit(web: WebServer, rules: FetchRules):
    bomb = gzip.compress(bytes([32]) * 200_000_000)
    page = fetched(web, rules, Page(bomb, headers={"Content-Encoding": "gzip"}))
    assert len(page.data) == rules.size_limit_bytes and not page.is_whole


@pytest.mark.parametrize(
    "page", [Page(b"rain " * 100_000), Page(b"rain " * 1000, repeats=None)], ids=["huge", "endless"]
)
def test_what_is_too_long_is_read_up_to_the_limit(web: WebServer, rules: FetchRules, page: Page):
    answer = fetched(web, rules, page)
    assert len(answer.data) == rules.size_limit_bytes and not answer.is_whole


@pytest.mark.parametrize(
    ("page", "error", "says"),
    [
        (Page(delay_s=FOR_EVER_S), TimeoutError, "did not answer in time"),
        (Page(b"x" * 100, stall_after=10), TimeoutError, "did not answer in time"),
        (Page(b"x", repeats=None, pause_s=0.1), TimeoutError, "did not answer in time"),
        (Page(b"x" * 100, cut_after=10), ConnectionError, "broke off in the middle"),
        (Page(status=404), OSError, "answered with 404 Not Found"),
        (Page(status=500), OSError, "answered with 500 Internal Server Error"),
        (Page(b"%PDF-1.7", "application/pdf"), ValueError, "application/pdf"),
        (Page(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"), ValueError, "image/png"),
        (Page(b"MZ\0\0\0binary", "text/html"), ValueError, "not a text"),
        (Page(b"no gzip", headers={"Content-Encoding": "gzip"}), ValueError, "packed wrongly"),
        (Page(b"x", headers={"Content-Encoding": "br"}), ValueError, "packed in a way"),
        (Page(status=302, headers={"Location": "/page"}), ConnectionError, "without end"),
        (Page(status=302, headers={"Location": "http://127.0.0.1:1/"}), PermissionError, "Port 1 "),
        (Page(status=302, headers={"Location": "http://169.254.169.254/"}), PermissionError, "public internet"),
        (Page(status=302, headers={"Location": "file:///etc/passwd"}), ValueError, "http://"),
        (Page(status=302, headers={"Location": "http://a:b@93.184.216.34/"}), PermissionError, "password"),
    ],
)
def test_a_failure_is_one_sentence(web: WebServer, rules: FetchRules, page: Page, error: type[Exception], says: str):
    rules = replace(rules, timeout_s=0.3 if error is TimeoutError else PATIENCE_S)
    with pytest.raises(error, match=rf"^[^\n]*{says}[^\n]*\.$"):
        fetched(web, rules, page)


def test_a_redirect_is_followed_and_its_end_is_the_address(web: WebServer, rules: FetchRules):
    web.put("/old", Page(status=301, headers={"Location": "/new?a=ö"}))
    web.put("/new", Page("<p>Here"))
    assert fetch(web.url("/old"), rules, CancellationToken()).address == web.url("/new?a=%C3%B6")


def test_where_nobody_listens_is_told(web: WebServer, rules: FetchRules):
    rules = replace(rules, allowed=frozenset({"127.0.0.1:9"}))
    with pytest.raises(ConnectionError, match=r"127\.0\.0\.1 can't be reached\."):
        fetch("http://127.0.0.1:9/", rules, CancellationToken())


def test_a_stop_ends_it_at_both_ends(web: WebServer, rules: FetchRules):
    stop = CancellationToken()
    Timer(0.2, stop.set).start()
    with pytest.raises(InterruptedError):
        fetch(web.put("/slow", Page(delay_s=FOR_EVER_S)), replace(rules, timeout_s=FOR_EVER_S), stop)
    wait_until(lambda: "/slow" in web.left_at)


def test_a_name_is_asked_for_by_name_at_the_place_it_leads_to(web: WebServer, rules: FetchRules):
    host = web.place.replace("127.0.0.1", "rain.test")
    rules = replace(rules, allowed=frozenset({host}), resolver=lambda _host, _port: ["127.0.0.1"])
    web.put("/page", Page("<p>Rain"))
    assert fetch(f"http://{host}/page", rules, CancellationToken()).address == f"http://{host}/page"
    assert web.hosts == [host]


def test_a_place_that_does_not_listen_is_passed_over_for_the_next(web: WebServer, rules: FetchRules):
    host = web.place.replace("127.0.0.1", "rain.test")
    rules = replace(rules, allowed=frozenset({host}), resolver=lambda _host, _port: ["127.0.0.9", "127.0.0.1"])
    web.put("/page", Page("<p>Rain"))
    assert fetch(f"http://{host}/page", rules, CancellationToken()).data == b"<p>Rain"


def test_an_answer_that_changes_between_check_and_connection_changes_nothing(
    web: WebServer, rules: FetchRules, monkeypatch: pytest.MonkeyPatch
):
    """The name leads to the public internet when it is checked, and to this machine whenever it is asked again."""
    places = iter([["203.0.114.1"]])
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(places, ["127.0.0.1"])

    connected: list[str] = []

    def connect(_backend: object, host: str, *_: object, **__: object) -> None:
        connected.append(host)
        raise httpcore.ConnectError("no way out of this test")

    monkeypatch.setattr("utils.net.client._Connecting.connect_tcp", connect)
    with pytest.raises(ConnectionError):
        fetch("http://rebind.test/", replace(rules, resolver=rebinding), CancellationToken())
    assert asked == ["rebind.test"] and connected == ["203.0.114.1"] and web.asked == []


def test_the_certificate_has_to_be_that_of_the_name_not_of_the_number(
    web: WebServer, rules: FetchRules, monkeypatch: pytest.MonkeyPatch
):
    names: list[object] = []

    def wrap_socket(*_: object, **asked: object) -> None:
        names.append(asked["server_hostname"])
        raise OSError("CERTIFICATE_VERIFY_FAILED")

    monkeypatch.setattr("ssl.SSLContext.wrap_socket", wrap_socket)
    host = web.place.replace("127.0.0.1", "rain.test")
    rules = replace(rules, allowed=frozenset({host}), resolver=lambda _host, _port: ["127.0.0.1"])
    with pytest.raises(ConnectionError, match=r"rain\.test could not prove who it is"):
        fetch(f"https://{host}/", rules, CancellationToken())
    assert names == ["rain.test"]


@settings(deadline=None)
@given(st.lists(st.ip_addresses().map(str) | st.sampled_from(["8.8.8.8", "2606:2800::1"]), min_size=1, unique=True))
def test_a_connection_only_ever_goes_to_a_public_place_that_was_checked(places: list[str]):
    connected: list[str] = []

    def connect(_backend: object, host: str, *_: object, **__: object) -> None:
        connected.append(host)
        raise httpcore.ConnectError("no way out of this test")

    rules = FetchRules(timeout_s=1.0, resolver=lambda _host, _port: places)
    with patch("utils.net.client._Connecting.connect_tcp", connect), pytest.raises((ConnectionError, PermissionError)):
        fetch("http://anywhere.test/", rules, CancellationToken())
    is_allowed = all(map(is_public, places))
    assert [ip_address(place) for place in connected] == [ip_address(place) for place in places[:3] if is_allowed]


def test_a_redirect_to_a_name_that_leads_home_is_refused(web: WebServer, rules: FetchRules):
    web.put("/page", Page(status=302, headers={"Location": "http://inside.test/"}))
    rules = replace(rules, resolver=lambda host, _port: ["10.0.0.1"] if host == "inside.test" else [host])
    with pytest.raises(PermissionError, match=r"inside\.test is not on the public internet"):
        fetch(web.url("/page"), rules, CancellationToken())


def test_no_proxy_of_the_environment_is_asked(web: WebServer, rules: FetchRules, monkeypatch: pytest.MonkeyPatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setitem(os.environ, name, "http://127.0.0.1:9")
    monkeypatch.setitem(os.environ, "no_proxy", "")
    assert fetched(web, rules, Page("<p>Rain")).data == b"<p>Rain"
