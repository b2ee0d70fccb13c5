"""Google in the browser: allow it there, come back, close a day, sign in again when Google wants that."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journey import App, Chat
from tests.browser.test_log import today
from tests.google_server import GoogleServer
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def google() -> Iterator[GoogleServer]:
    with GoogleServer() as server:
        yield server


@pytest.fixture(scope="module")
def running_app(
    executable: str,
    scripted_variables: dict[str, str],
    google: GoogleServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[App]:
    """Start bnaGPT with a Google."""
    app = App(tmp_path_factory.mktemp("google"), **scripted_variables, **google.environ)
    yield app
    app.kill()


def consent(page: Page, label: str) -> None:
    """Follow the way to Google, which opens a tab of its own and leads back at once."""
    with page.context.expect_page() as opened:
        page.get_by_role("link", name=label).click()
    back = opened.value
    expect(back.get_by_text("Connected:")).to_be_visible()
    assert "code=" not in back.url and "state=" not in back.url
    back.close()


def test_a_day_goes_to_drive_and_waits_there_for_who_has_to_sign_in_again(
    page: Page, running_app: App, google: GoogleServer, server: ScriptedServer, tmp_path: Path
):
    chat = Chat(page, running_app)
    page.goto(f"{running_app.url}/Google")
    consent(page, "Connect Google Drive")
    server.default_reply = Reply("A pear tree was planted.")
    chat.open("/Log")
    chat.ask("We planted a pear tree.")
    chat.ended()
    google.end_account()
    running_app.kill()  # the token in memory is gone, too
    running_app.start()
    chat.open("/Log")
    chat.button("Close the day").click()
    expect(page.get_by_text("Google asks you to sign in again.").first).to_be_visible()
    expect(page.get_by_text("is closed. Its files are in")).to_be_visible()
    assert google.uploaded() == {}
    page.get_by_role("link", name="Google", exact=True).click()
    page.get_by_text("What waits for it goes on by itself then.").wait_for()
    consent(page, "Sign in again")
    names = {f"{today()}{ending}" for ending in (".md", ".html", ".pdf")}
    wait_until(lambda: set(google.uploaded()) == names, "the upload did not end by itself")
    assert google.uploaded()[f"{today()}.pdf"].startswith(b"%PDF")
