"""A stronger model by a click: found from Home, fetched, paused, resumed, deleted, whatever happens meanwhile."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.journey import App
from tests.browser.test_accessibility import violations
from tests.hub_server import HubServer
from tests.waiting import wait_until
from utils.threads.stop import CancellationToken

NAME = "someone/tiny-GGUF"
DATA = os.urandom(4_000_000)


@pytest.fixture(scope="module")
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        server.add(NAME, {"tiny-Q4_K_M.gguf": DATA, "tiny-Q8_0.gguf": DATA * 2})
        yield server


@pytest.fixture(scope="module")
def running_app(executable: str, hub: HubServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Start bnaGPT without settings but for the place where models come from."""
    folder = tmp_path_factory.mktemp("models")
    app = App(folder, MODELS_DIR=str(folder / "hub"), HF_ENDPOINT=hub.endpoint)
    yield app
    app.kill()


def test_a_model_is_fetched_while_the_page_is_closed_outlives_a_power_cut_and_is_deleted(
    page: Page, running_app: App, hub: HubServer
):
    hub.cdn.gate = CancellationToken()
    page.goto(running_app.url)
    page.get_by_role("link", name="Get a stronger model").click()
    page.get_by_label("Repository").fill(NAME)
    page.get_by_role("button", name="List its files").click()
    expect(page.get_by_text("suits this machine best")).to_be_visible()
    page.get_by_role("button", name="Get it").last.click()
    expect(page.get_by_text("2 MB of 4 MB")).to_be_visible()
    page.goto(running_app.url)  # the page is closed, and it goes on
    page.goto(f"{running_app.url}/Models")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()

    running_app.kill()
    running_app.start()
    hub.cdn.gate = CancellationToken()
    page.goto(f"{running_app.url}/Models")
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("3 MB of 4 MB")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    hub.cdn.gate.set()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("heading", name="On this machine")).to_be_visible()
    file = Path(running_app.environ["MODELS_DIR"]) / NAME / "tiny-Q4_K_M.gguf"
    assert file.read_bytes() == DATA
    begun = [asked.begin for asked in hub.cdn.requests]
    assert len(begun) == 3 and 0 == begun[0] < begun[1] <= len(DATA) // 2 < begun[2]

    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Yes, delete").click()
    expect(page.get_by_role("heading", name="On this machine")).to_be_hidden()
    wait_until(lambda: not file.exists())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_the_page_on_a_phone_too(
    scheme: str, running_app: App, new_context: Callable[..., BrowserContext]
):
    page = new_context(color_scheme=scheme, viewport={"width": 390, "height": 800}).new_page()
    page.goto(f"{running_app.url}/Models")
    expect(page.get_by_text("Best for this machine")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
