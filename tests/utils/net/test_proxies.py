"""Which proxy is asked: none for this machine, and whatever the environment says in its many spellings."""

import os
from collections.abc import Iterator

import httpx
import pytest

from utils.net.proxies import BadProxy, is_loopback, proxy_for

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    for name in NAMES:
        monkeypatch.delitem(os.environ, name, raising=False)
        monkeypatch.delitem(os.environ, name.upper(), raising=False)
    yield monkeypatch


def asked_through(url: str) -> str | None:
    proxy = proxy_for(url)
    return str(proxy.url) if proxy else None


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "0.0.0.0", "::ffff:127.0.0.1"]
)
def test_this_machine_is_this_machine_in_every_spelling(host: str, env: pytest.MonkeyPatch):
    assert is_loopback(host)
    env.setitem(os.environ, "HTTP_PROXY", "http://proxy.test:3128")
    bracketed = f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host
    assert proxy_for(f"http://{bracketed}:8080/v1") is None


@pytest.mark.parametrize("host", ["example.test", "10.0.0.1", "128.0.0.1", "localhost.example.test", "[fd07::1]"])
def test_what_is_elsewhere_is_asked_through_the_proxy(host: str, env: pytest.MonkeyPatch):
    env.setitem(os.environ, "HTTP_PROXY", "http://proxy.test:3128")
    assert asked_through(f"http://{host}/v1") == "http://proxy.test:3128"


@pytest.mark.parametrize(
    ("value", "proxy"),
    [
        ("socks://127.0.0.1:1080/", "socks5://127.0.0.1:1080/"),
        ("SOCKS5://127.0.0.1:1080", "socks5://127.0.0.1:1080"),
        ("socks5h://127.0.0.1:1080", "socks5h://127.0.0.1:1080"),
        ("proxy.test:3128", "http://proxy.test:3128"),
        ("https://proxy.test", "https://proxy.test"),
    ],
)
def test_a_proxy_is_understood_in_every_spelling(value: str, proxy: str, env: pytest.MonkeyPatch):
    env.setitem(os.environ, "ALL_PROXY", value)
    assert asked_through("https://example.test/v1") == proxy
    with httpx.Client(proxy=proxy_for("https://example.test/v1")):
        pass  # httpx takes it


@pytest.mark.parametrize("value", ["ftp://p.test", "socks4://p.test", "http://[bad", "http://", "http://p.test:port"])
def test_a_proxy_that_cannot_be_used_is_told_by_its_variable(value: str, env: pytest.MonkeyPatch):
    env.setitem(os.environ, "ALL_PROXY", value)
    with pytest.raises(BadProxy, match="ALL_PROXY"):
        proxy_for("https://example.test/v1")
    assert proxy_for("http://127.0.0.1/v1") is None  # which needs none


def test_the_password_of_a_bad_proxy_is_not_told(env: pytest.MonkeyPatch):
    env.setitem(os.environ, "HTTPS_PROXY", "ftp://user:hunter2@p.test")
    with pytest.raises(BadProxy) as caught:
        proxy_for("https://example.test/v1")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("no_proxy", "url"),
    [
        ("*", "http://example.test"),
        ("a.test, example.test", "http://example.test"),
        ("a.test example.test", "http://deep.example.test"),
        (".example.test", "http://deep.example.test"),
        ("*.example.test", "http://deep.example.test"),
        ("EXAMPLE.test", "http://example.test."),
        ("example.test:8080", "http://example.test:8080"),
        ("example.test:80", "http://example.test"),
        ("http://example.test", "http://example.test"),
        ("10.0.0.0/8", "http://10.1.2.3"),
        ("10.1.2.3", "http://10.1.2.3"),
        ("fd07:b51a::/64", "http://[fd07:b51a::5]"),
        ("[fd07:b51a::5]", "http://[fd07:b51a::5]"),
        ("[fd07:b51a::5]:8080", "http://[fd07:b51a::5]:8080"),
    ],
)
def test_no_proxy_excepts_a_host(no_proxy: str, url: str, env: pytest.MonkeyPatch):
    env.setitem(os.environ, "HTTP_PROXY", "http://proxy.test:3128")
    env.setitem(os.environ, "NO_PROXY", no_proxy)
    assert proxy_for(url) is None


@pytest.mark.parametrize(
    ("no_proxy", "url"),
    [
        ("localhost,127.0.0.1,[::1]", "http://example.test"),
        ("localhost,fd07:b51a::/64", "http://10.1.2.3"),
        ("ample.test", "http://example.test"),
        ("example.test:8080", "http://example.test"),
        ("10.0.0.0/99, [::1, ::/x, , .", "http://10.1.2.3"),
    ],
)
def test_no_proxy_excepts_nothing_else(no_proxy: str, url: str, env: pytest.MonkeyPatch):
    env.setitem(os.environ, "HTTP_PROXY", "http://proxy.test:3128")
    env.setitem(os.environ, "NO_PROXY", no_proxy)
    assert asked_through(url) == "http://proxy.test:3128"
