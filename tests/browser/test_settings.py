"""The page Settings: a key or a server counts at once, in a tab that was open before; the theme holds on all pages."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from model.providers.provider import provider_variables
from settings import VARIABLES
from tests.browser.journey import App, Chat
from tests.browser.test_accessibility import violations
from tests.scripted_server import Reply, ScriptedServer


class FreeApp(App):
    """bnaGPT whose variables nothing sets but a file of its own."""

    def start(self) -> None:
        for variable in (*VARIABLES, *provider_variables()):
            if not self.environ[variable.name]:
                del self.environ[variable.name]
        super().start()


@pytest.fixture(scope="module")
def free_app(executable: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("free")
    app = FreeApp(folder, ENV_FILE=str(folder / ".env"))
    yield app
    app.kill()


@pytest.fixture(params=[1280, 390], ids=["wide", "narrow"])
def window(request: pytest.FixtureRequest, free_app: App, new_context: Callable[..., BrowserContext]) -> BrowserContext:
    """Return a browser window; nothing is set yet."""
    free_app.file.with_name(".env").write_text("# mine\n")
    return new_context(viewport={"width": request.param, "height": 800}, color_scheme="light")


def settings_of(window: BrowserContext, app: App) -> Page:
    page = window.new_page()
    page.goto(f"{app.url}/Settings")
    expect(page.get_by_role("heading", name="Settings", level=1)).to_be_visible()
    return page


def test_a_server_of_ones_own_answers_at_once(window: BrowserContext, free_app: App, server: ScriptedServer):
    chat = Chat(window.new_page(), free_app).open()
    page = settings_of(window, free_app)
    page.get_by_role("button", name="Add address").click()
    page.get_by_label("Address").fill(server.base_url)
    page.get_by_label("Key, if it wants one").fill("sk-own")
    assert violations(page) == []
    server.script(Reply("OK"), Reply("Hello from your own."))
    page.get_by_role("button", name="Save and test").click()
    expect(page.get_by_text("Custom server works")).to_be_visible()
    assert "sk-own" not in page.content()
    assert violations(page) == []
    chat.ask("Hi")
    chat.answer("Hello from your own.")
    assert server.requests[-1].headers["authorization"] == "Bearer sk-own"
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Removed.")).to_be_visible()
    assert free_app.file.with_name(".env").read_text().startswith("# mine\nCUSTOM_BASE_URL=\nCUSTOM_API_KEY=\n")


BACKGROUND = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"


def test_a_theme_holds_on_all_pages(window: BrowserContext, free_app: App):
    page = settings_of(window, free_app)
    assert page.evaluate(BACKGROUND) == "rgb(253, 252, 255)"
    page.get_by_role("radio", name="Dark").click()
    for path in ("/Settings", "/", "/Chatbot_With_Memory"):
        page.goto(f"{free_app.url}{path}")
        expect(page.get_by_test_id("stApp")).to_have_css("background-color", "rgb(23, 20, 31)")
    page.goto(f"{free_app.url}/Settings")
    expect(page.get_by_role("radio", name="Dark")).to_be_checked()
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    assert violations(page) == []
