"""Who may talk to the pages, under plain `streamlit run Home.py`: Host, Origin with its port, and what a browser tells.

All over a raw socket, since clients put headers in order that strangers would not.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit import config

from settings import ROOT, Settings
from tests.browser.journey import App
from tests.waiting import PATIENCE_S, wait_until
from view.site import check_address

STREAM = "/_stcore/stream"
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    "Sec-WebSocket-Protocol": "streamlit",
}
PAGES = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


class Watched(App):
    """bnaGPT as `streamlit run` starts it, and the names that it looks up."""

    @property
    def asked_names(self) -> Path:
        return self.file.with_name("names")

    @property
    def command(self) -> list[str]:
        return ["tests.watched_start", str(self.asked_names), *super().command[1:]]

    def response(self, path: str = "/", method: str = "GET", **headers: str) -> str:
        """Return a response; PORT in what is sent stands for the server's own."""
        told = {"Host": "localhost:PORT", "Connection": "close", **headers}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name.replace('_', '-')}: {value}" for name, value in told.items())]
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S) as line:
            line.sendall("\r\n".join([*lines, "", ""]).replace("PORT", str(self.port)).encode())
            received = b""
            while (piece := line.recv(65536)) and (received := received + piece)[:12] != b"HTTP/1.1 101":
                pass
        return received.decode("latin-1").lower()

    def status(self, path: str = "/", method: str = "GET", **headers: str) -> int:
        return int(self.response(path, method, **headers).split()[1])

    def handshake(self, **headers: str) -> int:
        return self.status(STREAM, **{**HANDSHAKE, **headers})


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    running = Watched(tmp_path_factory.mktemp("site"), ALLOWED_HOSTS="http://Box.local:99, 192.168.7.5, fe80::7")
    yield running
    running.kill()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Return bnaGPT with no host named."""
    running = Watched(tmp_path_factory.mktemp("plain"))
    yield running
    running.kill()


OWN = [
    "localhost:PORT",
    "127.0.0.1:PORT",
    "[::1]:PORT",
    "[0:0::1]:PORT",
    "LocalHost:PORT",
    "localhost.:PORT",
    "localhost",
    "localhost:",
]
NAMED = ["box.local:PORT", "BOX.local.:PORT", "192.168.7.5:PORT", "[fe80::7]:PORT", "[FE80:0::7%25eth0]:PORT"]
FOREIGN = [
    "evil.example:PORT",
    "localhost.evil.example:PORT",
    "evil.example",
    "0.0.0.0:PORT",
    "192.168.7.6:PORT",
    "[::2]:PORT",
    "127.0.0.1.evil.example:PORT",
    "xlocalhost:PORT",
    "user@localhost:PORT",
    "localhost:PORT/",
    "localhost:x",
    "localhost:123456",
    "localhost, evil.example",
    "box.local.evil.example:PORT",
    "127.1:PORT",
    "2130706433:PORT",
    "",
]


@pytest.mark.parametrize("host", OWN + NAMED)
def test_own_names_reach_pages_and_socket(site: Watched, host: str):
    assert site.status(Host=host) == 200
    assert site.handshake(Host=host) == 101
    assert site.handshake(Host=host, Origin=f"http://{host.removesuffix(':')}") == 101


@pytest.mark.parametrize("host", FOREIGN)
def test_a_name_of_anothers_that_leads_here_reaches_nothing(site: Watched, host: str):
    """DNS rebinding: to the browser the page is of the same origin, so only its name can tell."""
    for path in ("/", "/Chatbot_With_Memory", "/static/js/x.js", "/media/x", "/_stcore/health", "/api/conversations"):
        assert site.status(path, Host=host) in (400, 403), path
    assert site.handshake(Host=host, Origin=f"http://{host}") in (400, 403)
    assert site.status("/_stcore/upload_file/a/b", "PUT", Host=host, Content_Length="0") in (400, 403)


def test_the_names_of_this_machine_alone_are_open_by_default(plain: Watched):
    assert [plain.status(Host=host) for host in OWN] == [200] * len(OWN)
    assert [plain.status(Host=host) for host in NAMED] == [403] * len(NAMED)
    assert "allowed_hosts=box.local" in plain.response(Host="box.local:PORT")


ORIGINS = [
    "http://evil.example",
    "http://localhost:1",
    "http://localhost",
    "http://127.0.0.1:PORT",  # another origin than localhost's
    "https://localhost:1",
    "http://0.0.0.0:PORT",
    "http://localhost:PORT.evil.example",
    "http://localhost:PORT@evil.example",
    "ftp://localhost:PORT",
    "localhost:PORT",
    "null",
    "",
]


@pytest.mark.parametrize("origin", ORIGINS)
def test_a_page_of_another_origin_gets_nothing_whatever_its_port(site: Watched, origin: str):
    assert site.handshake(Origin=origin) == 403
    assert site.status("/media/x", Origin=origin) == 403
    assert site.status("/_stcore/upload_file/a/b", "PUT", Origin=origin, Content_Length="0") == 403
    assert site.status("/api/conversations", Origin=origin) == 403


def test_an_origin_counts_with_the_port_that_it_leaves_out(site: Watched):
    assert site.handshake(Host="localhost", Origin="http://localhost") == 101
    assert site.handshake(Host="localhost:80", Origin="http://localhost") == 101
    assert site.handshake(Host="localhost:443", Origin="https://localhost") == 101
    assert site.handshake(Host="localhost:80", Origin="https://localhost") == 403


@pytest.mark.parametrize("place", ["cross-site", "same-site"])
def test_what_a_page_of_another_site_embeds_is_refused_and_a_link_is_not(site: Watched, place: str):
    told = PAGES | {"Sec-Fetch-Site": place}
    for path in ("/", "/Chatbot_With_Memory", "/api/docs"):
        assert site.status(path, **told) == 200, path
    assert site.status(**told | {"Sec-Fetch-Dest": "iframe"}) == 403
    assert site.status(**told | {"Sec-Fetch-Dest": "image", "Sec-Fetch-Mode": "no-cors"}) == 403
    assert site.status("/api/conversations", **told) == 403
    assert site.status("/_stcore/upload_file/a/b", "PUT", **told, Content_Length="0") == 403
    assert site.status(**{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors"}) == 200


@pytest.mark.parametrize("name", ["Via", "Forwarded", "X-Real-IP", "X-Forwarded-Host", "CF-Connecting-IP"])
def test_a_proxy_needs_a_name_that_the_person_has_opened(site: Watched, plain: Watched, name: str):
    assert plain.status(**{name: "203.0.113.9"}) == 403
    assert site.status(Host="box.local", **{name: "203.0.113.9"}) == 200
    assert site.status("/api/conversations", **{name: "203.0.113.9"}) == 403  # which has keys of its own


def test_every_response_tells_the_browser_what_it_may_do(site: Watched):
    asked = [
        site.response(),
        site.response("/nothing"),
        site.response("/_stcore/health"),
        site.response(Host="evil.example"),
        site.response("/media/none"),
        site.response("/api/"),
        site.response("/api/nothing"),
        site.response("/_stcore/upload_file/a/b", "PUT", Content_Length="0"),
        site.response("//evil"),
        site.response(STREAM, **HANDSHAKE, Host="evil.example"),
    ]
    for head in asked:
        assert "content-security-policy: default-src 'self'" in head and "frame-ancestors 'none'" in head
        assert "x-content-type-options: nosniff" in head and "referrer-policy: no-referrer" in head
        assert "x-dns-prefetch-control: off" in head


@pytest.mark.parametrize("path", ["metrics", "metrics/", "agent/openapi.json", "agent/mcp", "script-health-check"])
def test_figures_and_interfaces_that_nobody_asked_for_are_closed(site: Watched, path: str):
    assert site.status(f"/_stcore/{path}") == 404


def test_ids_with_slashes_and_dots_reach_the_api(site: Watched):
    for odd in ("..%2Fx%20y", "%2F", "C%3Ax", "%5C%5Cx", "a%2Fexport"):
        assert "conversationnotfound" in site.response(f"/api/conversations/{odd}"), odd


def test_no_request_makes_the_server_ask_a_host(site: Watched):
    for origin in ("https://evil.example", "http://BOX.local:PORT", "http://192.168.7.5:PORT"):
        for host in ("localhost:PORT", "box.local:PORT", "BOX.LOCAL.:PORT", "192.168.7.5:PORT"):
            site.handshake(Host=host, Origin=origin)
    names = site.asked_names.read_text().splitlines() if site.asked_names.exists() else []
    assert [name for name in names if "127.0.0.1" not in name] == []


@pytest.mark.skipif(sys.platform != "linux", reason="each system opens its browser in a way of its own")
def test_the_browser_opens_at_the_start_and_ctrl_c_ends_without_a_complaint(tmp_path: Path):
    opened = tmp_path / "opened"
    (tmp_path / "xdg-open").write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    (tmp_path / "xdg-open").chmod(0o755)

    class Visible(App):
        @property
        def command(self) -> list[str]:
            return [*super().command, "--server.headless=false"]

    app = Visible(tmp_path, PATH=f"{tmp_path}:{os.environ['PATH']}")
    try:
        wait_until(lambda: opened.exists() and opened.read_text())
        assert opened.read_text().strip() == app.url
        app.process.send_signal(signal.SIGINT)
        assert app.process.wait(PATIENCE_S) == 0
    finally:
        app.kill()


@pytest.mark.parametrize(
    ("address", "variables", "is_started"),
    [
        ("0.0.0.0", {}, False),
        ("::", {}, False),
        ("192.168.7.5", {}, False),
        ("", {}, False),
        ("0.0.0.0", {"API_KEYS": "one"}, True),
        ("0.0.0.0", {"SIGN_IN": "cloudflare", "CF_ACCESS_TEAM": "team", "CF_ACCESS_AUD": "aud"}, True),
        ("127.0.0.1", {}, True),
        ("localhost", {}, True),
        ("::1", {}, True),
    ],
)
def test_beyond_this_machine_it_starts_only_where_people_or_programs_show_who_they_are(
    address: str, variables: dict[str, str], is_started: bool
):
    before = config.get_option("server.address")
    config.set_option("server.address", address)
    try:
        if is_started:
            check_address(Settings.from_env(variables))
        else:
            with pytest.raises(SystemExit, match="does not start: at .* everybody in the network"):
                check_address(Settings.from_env(variables))
    finally:
        config.set_option("server.address", before)


def test_a_start_that_is_refused_ends_in_one_sentence(tmp_path: Path):
    command = [sys.executable, "-m", "streamlit", "run", "Home.py", "--server.headless", "true"]
    variables = os.environ | {"CONVERSATIONS_FILE": str(tmp_path / "conversations.json"), "API_KEYS": "", "SIGN_IN": ""}
    ended = subprocess.run(
        [*command, "--server.address", "0.0.0.0", "--server.port", "0"],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert ended.returncode == 1 and "bnaGPT does not start" in ended.stderr and "Traceback" not in ended.stderr
