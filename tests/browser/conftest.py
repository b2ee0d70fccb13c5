"""Fixtures for the browser journeys.

The apps live as long as the tests; conversations and the scripted server are fresh for each.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from settings import ROOT
from tests.browser.journey import App, Chat, free_port
from tests.install_browser import LAUNCH_ARGUMENTS, find_browser
from tests.scripted_server import ScriptedServer
from tests.waiting import PATIENCE_S


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder, so that `-m "not browser"` leaves it out."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def executable() -> str:
    """Return the browser; without one the tests are skipped, but not on a build server."""
    found = find_browser()
    if not found and os.environ.get("CI") == "true":
        pytest.fail("no browser was found, and CI=true says that there has to be one")
    return found or pytest.skip("no browser was found; `make browser` gets one")


@pytest.fixture(scope="module")
def browser(executable: str) -> Iterator[Browser]:
    """Start the browser; not for all tests at once, since an asyncio loop runs as long as Playwright does."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=executable, args=LAUNCH_ARGUMENTS)


@pytest.fixture(scope="session")
def model_port() -> int:
    """Return the port on which each test's scripted server listens."""
    return free_port()


@pytest.fixture
def server(model_port: int) -> Iterator[ScriptedServer]:
    """Return the scripted server; its end hangs up on whoever is still being answered."""
    with ScriptedServer(model_port) as scripted:
        yield scripted


@pytest.fixture(scope="session")
def scripted_variables(model_port: int) -> dict[str, str]:
    """Return variables that make the scripted server the provider."""
    url = f"http://127.0.0.1:{model_port}/v1"
    return {"LLM_PROVIDER": "custom", "LLM_MODEL": "scripted", "CUSTOM_BASE_URL": url, "LLM_TIMEOUT_S": "90"}


@pytest.fixture(scope="session")
def scripted_app(
    executable: str, scripted_variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[App]:
    """Start bnaGPT with the scripted server."""
    app = App(tmp_path_factory.mktemp("scripted"), **scripted_variables)
    yield app
    app.kill()


@pytest.fixture(scope="session")
def running_embedded_app(executable: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Start bnaGPT as it is without any settings."""
    app = App(tmp_path_factory.mktemp("embedded"))
    yield app
    app.kill()


@pytest.fixture
def embedded_app(running_embedded_app: App) -> App:
    """Return bnaGPT without any settings and without conversations."""
    running_embedded_app.forget()
    return running_embedded_app


@pytest.fixture
def app(scripted_app: App, server: ScriptedServer) -> App:
    """Return bnaGPT with the scripted server and without conversations."""
    scripted_app.forget()
    return scripted_app


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Return what opens a browser window of another person; none may talk to any other host."""
    contexts: list[BrowserContext] = []
    asked: list[str] = []

    def new(**options: object) -> BrowserContext:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})  # type: ignore[arg-type]
        context.set_default_timeout(1000 * PATIENCE_S)
        context.on("request", lambda request: asked.append(request.url))
        contexts.append(context)
        return context

    yield new
    for context in contexts:
        context.close()
    hosts = {urlsplit(url).hostname for url in asked if urlsplit(url).scheme not in ("data", "blob")}
    assert hosts <= {"127.0.0.1"}


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """Return a page in the browser."""
    return new_context().new_page()


@pytest.fixture
def chat(page: Page, app: App) -> Chat:
    """Return stage 2's page, open and empty."""
    return Chat(page, app).open()


@pytest.fixture
def welcome(app: App) -> App:
    """Return bnaGPT with the conversation that the repository ships."""
    shutil.copy(ROOT / "conversations.json", app.file)
    return app
