"""Pages and API on one port, as `streamlit run` serves them: all pages work under the policy, nothing else does."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from controller.stages import STAGES
from tests.browser.journey import CHAT, App, Chat
from tests.install_browser import LAUNCH_ARGUMENTS
from tests.scripted_server import Reply, ScriptedServer

PATHS = ["/", *(f"/{row.title.replace(' ', '_')}" for row in STAGES), "/Usage", "/Take_Along", "/api/docs"]


@pytest.fixture(scope="module")
def running_site(
    executable: str, scripted_variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[App]:
    site = App(tmp_path_factory.mktemp("site"), **scripted_variables)
    yield site
    site.kill()


@pytest.fixture
def site(running_site: App, server: ScriptedServer) -> App:
    running_site.forget()
    return running_site


@pytest.fixture
def refusals(page: Page) -> Iterator[list[str]]:
    """Return what the browser has refused to do."""
    refused: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            refused.append(message.text)

    page.on("console", note)
    yield refused


@pytest.mark.parametrize("path", PATHS)
def test_no_page_wants_more_than_the_policy_allows(site: App, page: Page, refusals: list[str], path: str):
    failed: list[str] = []
    page.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
    page.on("console", lambda message: failed.append(message.text) if message.type == "error" else None)
    page.goto(site.url + path)
    expect(page.locator("h1, h2, [data-testid=stHeading]").first).to_be_visible()
    page.wait_for_load_state("networkidle")  # a silence is what is looked for: nothing more is asked for
    assert refusals == [] and failed == []
    assert not page.get_by_text("error", exact=False).filter(visible=True).count() or path == "/api/docs"


def test_charts_formulas_tables_and_drawings_stay_within_the_policy(
    site: App, page: Page, server: ScriptedServer, refusals: list[str]
):
    server.script(
        Reply(
            "$$\\int_0^1 x^2 dx$$\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nprint(1)\n```\n\n![no](http://evil.example/x.png)"
        )
    )
    chat = Chat(page, site).open()
    chat.ask("Show all")
    expect(chat.answers.last.locator(".katex").first).to_be_visible()
    expect(chat.answers.last.locator("table")).to_be_visible()
    chat.ended()
    page.goto(f"{site.url}/Usage")
    expect(
        page.locator('[data-testid="stVegaLiteChart"] canvas, [data-testid="stVegaLiteChart"] svg').first
    ).to_be_visible()
    assert refusals == []


def test_what_was_asked_over_http_goes_on_in_the_browser(
    site: App, page: Page, server: ScriptedServer, refusals: list[str]
):
    server.script(Reply("Hello Ann"), Reply("You are Ann"))
    asked = httpx.post(f"{site.url}/api/chat", json={"message": "I am Ann", "conversation_id": "ann"}, trust_env=False)
    assert asked.json()["response"] == "Hello Ann"
    chat = Chat(page, site).open(f"{CHAT}?conversation=ann")
    chat.answer("Hello Ann")
    chat.ask("Who am I?")
    chat.answer("You are Ann")
    chat.ended()
    said = httpx.get(f"{site.url}/api/conversations/ann", trust_env=False).json()["messages"]
    assert [one["content"] for one in said] == ["I am Ann", "Hello Ann", "Who am I?", "You are Ann"]
    assert refusals == []


def test_an_answer_that_a_program_asked_for_grows_on_the_page(site: App, page: Page, server: ScriptedServer):
    server.script(Reply("one two three four five six " * 2_000, tokens_per_s=2))
    wish = {"message": "Count", "conversation_id": "count"}
    with httpx.stream("POST", f"{site.url}/api/chat/stream", json=wish, trust_env=False):
        server.wait_for_request(1)
        chat = Chat(page, site).open(f"{CHAT}?conversation=count")
        chat.answer("two")
        chat.button("Stop").or_(chat.stop).first.click()
        chat.ended()
    assert not server.wait_for_request(1, ended=True).finished


def test_the_browser_asks_no_other_host_whatever_a_script_tries(
    site: App, page: Page, server: ScriptedServer, refusals: list[str]
):
    page.goto(site.url + CHAT)
    expect(page.get_by_test_id("stChatInputTextArea")).to_be_visible()
    tries = """async url => {
        const image = new Image(); image.src = url
        const script = document.createElement("script"); script.textContent = "window.hacked = 1"
        document.body.append(image, script)
        await fetch(url, {mode: "no-cors"}).catch(() => 0)
        await new Promise(done => setTimeout(done, 300))
        return window.hacked || 0
    }"""
    assert page.evaluate(tries, f"{server.base_url}/models?secret") == 0
    for what in ("inline script", "image", "connect"):
        assert any(what in refusal for refusal in refusals), what
    assert not [request for request in server.models_requests if "secret" in request.path]


def test_every_response_has_the_headers(site: App):
    for path in ("/", "/api/", "/_stcore/health", "/nothing"):
        headers = httpx.get(site.url + path, trust_env=False).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "DENY"


class Elsewhere(BaseHTTPRequestHandler):
    """Another site: one empty page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<h1>Elsewhere</h1>")

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def elsewhere() -> Iterator[int]:
    """Return the port of another site on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def stranger(browser: Browser, executable: str) -> Iterator[Page]:
    """Return a page of a browser in which the name evil.example leads to this machine, as DNS rebinding makes it."""
    rules = "--host-resolver-rules=MAP evil.example 127.0.0.1"
    other = browser.browser_type.launch(executable_path=executable, args=[*LAUNCH_ARGUMENTS, rules])
    yield other.new_page()
    other.close()


def test_a_name_that_is_made_to_lead_here_opens_nothing(site: App, stranger: Page):
    for path in ("/", CHAT, "/api/conversations", "/_stcore/health"):
        response = stranger.goto(f"http://evil.example:{site.port}{path}")
        assert response and response.status == 403
    assert stranger.locator("textarea").count() == 0


@pytest.mark.parametrize("host", ["localhost", "evil.example"])
def test_a_page_of_another_port_gets_neither_socket_nor_frame_and_may_link(
    site: App, stranger: Page, elsewhere: int, host: str
):
    stranger.goto(f"http://{host}:{elsewhere}/")
    tries = """async port => {
        const told = []
        for (const name of ["localhost", "127.0.0.1", "evil.example"]) {
            const socket = new WebSocket(`ws://${name}:${port}/_stcore/stream`, ["streamlit"])
            told.push(await new Promise(done => {
                socket.onopen = () => done("open")
                socket.onerror = () => done("refused")
            }))
            const frame = document.createElement("iframe")
            frame.src = `http://${name}:${port}/`
            await new Promise(done => { frame.onload = done; document.body.append(frame) })
        }
        return told
    }"""
    assert set(stranger.evaluate(tries, site.port)) == {"refused"}
    assert not [frame for frame in stranger.frames[1:] if frame.locator("#root").count()]
    stranger.evaluate("url => { location.href = url }", f"{site.url}{CHAT}")
    expect(stranger.get_by_test_id("stChatInputTextArea")).to_be_visible()
