"""People on the pages: who is let in, and that a page is nobody else's."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.runtime.context import ContextProxy, StreamlitHeaders

from tests.access_server import HEADER, AccessServer
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen
from utils.text.markdown import plain
from view.shell.services import the_app

ANN, BOB = "ann@example.org", "bob@example.org"


class Browser:
    """What the connection of a page brings."""

    def __init__(self) -> None:
        self.tokens: list[str] = []


def signed_in_browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    """Let pages be asked for with the tokens that the test gives this browser."""
    brought = Browser()
    headers = property(lambda _self: StreamlitHeaders([(HEADER, token) for token in brought.tokens]))
    monkeypatch.setattr(ContextProxy, "headers", headers)
    return brought


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    return signed_in_browser(monkeypatch)


@pytest.mark.parametrize("slug", ["", "simple_chatbot", "chatbot_with_memory", "all_together"])
def test_who_has_not_signed_in_sees_that_and_nothing_else(access: AccessServer, browser: Browser, slug: str):
    screen = Screen(slug)
    assert not screen.app.exception and not screen.app.chat_input and not screen.app.sidebar.button
    assert "Sign in to use bnaGPT." in screen.everything()


def test_each_person_has_a_list_of_their_own(access: AccessServer, browser: Browser, server: ScriptedServer):
    browser.tokens = [access.token(ANN)]
    ann = Screen("chatbot_with_memory")
    server.script(Reply("Fine"))
    ann.ask("My secret is swordfish")
    ann.save_as("Secret")
    browser.tokens = [access.token(BOB)]
    bob = Screen("chatbot_with_memory", conversation=ann.address)
    assert not bob.entries and "swordfish" not in bob.everything()
    browser.tokens = [access.token(ANN)]
    assert "swordfish" in Screen("chatbot_with_memory", conversation=ann.address).everything()


def test_a_tab_whose_person_changes_keeps_nothing_of_the_one_before(
    access: AccessServer, browser: Browser, server: ScriptedServer
):
    browser.tokens = [access.token(ANN)]
    screen = Screen("chatbot_with_memory")
    server.script(Reply("Fine"))
    screen.ask("My secret is swordfish")
    screen.app.query_params.clear()
    browser.tokens = [access.token(BOB)]
    for _ in range(2):
        screen.app.run()
        assert not screen.messages and "swordfish" not in screen.everything()
    assert screen.app.chat_input and not screen.entries


def test_a_token_that_has_ended_ends_what_the_page_shows(access: AccessServer, browser: Browser):
    browser.tokens = [access.token(ANN)]
    screen = Screen("chatbot_with_memory")
    assert screen.app.chat_input
    browser.tokens = [access.token(ANN, exp=1)]
    screen.app.run()
    assert not screen.app.chat_input and "Sign in to use bnaGPT." in screen.everything()


def test_nobody_who_signs_in_imports_a_file_of_the_server(access: AccessServer, browser: Browser, tmp_path: Path):
    (tmp_path / "bobs.json").write_text('{"Secret": [{"role": "user", "content": "swordfish"}]}')
    browser.tokens = [access.token(ANN)]
    screen = Screen()
    screen.app.session_state["bna.take_along.path"] = str(tmp_path / "bobs.json")
    screen.app.switch_page("pages/91_Take_Along.py").run()
    assert not screen.app.exception and not screen.app.text_input
    assert screen.button("Import").disabled and screen.app.file_uploader


def test_settings_that_can_not_be_used_are_told_and_let_nobody_in(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SIGN_IN", "cloudfare")
    monkeypatch.setenv("SEARXNG_URL", "https://me:pass word@box")
    screen = Screen("chatbot_with_memory")
    assert not screen.app.chat_input and len(screen.errors) == 1
    assert any(plain("SIGN_IN must be cloudflare or oidc") in error for error in screen.errors)


def test_what_is_wrong_with_the_settings_is_told_where_nobody_signs_in(
    access: AccessServer, browser: Browser, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SEARXNG_URL", "https://my box")
    browser.tokens = [access.token(ANN)]
    assert Screen("chatbot_with_memory").warnings == []
    monkeypatch.delenv("SIGN_IN")
    the_app.clear()
    assert len(Screen("chatbot_with_memory").warnings) == 1


def press(label: str) -> Callable[[Screen], object]:
    return lambda screen: screen.click(label)


def start_assistant(screen: Screen) -> None:
    next(button for button in screen.app.button if button.label == "Start").click().run()


CLICKS: dict[str, tuple[str, tuple[Callable[[Screen], object], ...]]] = {
    "a question": ("chatbot_with_memory", (lambda screen: screen.ask("Hi"),)),
    "a suggestion": ("chatbot_with_memory", (press("**Understand something** Explain how rain forms."),)),
    "Retry": ("chatbot_with_memory", (lambda screen: screen.ask("FAIL"), press("Retry"))),
    "an assistant": ("assistants", (start_assistant,)),
    "a switch": ("all_together", (lambda screen: screen.ask("Hi"),)),
    "a form": ("image_generation", (press("Chart"), press("Keep"))),
    "code": ("run_code", (press("Write code"), lambda screen: screen.app.text_area[0].set_value("1"), press("Run"))),
    "Read aloud": ("voice", (lambda screen: screen.ask("Hi"), press("Read aloud"))),
}


@pytest.mark.parametrize("clicked", CLICKS)
def test_a_click_after_a_sign_in_has_ended_leads_to_the_way_in(
    access: AccessServer, browser: Browser, server: ScriptedServer, clicked: str
):
    slug, [*before, last] = CLICKS[clicked]
    server.script(*([Reply(status=500)] if clicked == "Retry" else []))
    browser.tokens = [access.token(ANN)]
    screen = Screen(slug)
    for act in before:
        act(screen)
    asked = len(server.requests)
    browser.tokens = [access.token(ANN, exp=1)]
    last(screen)
    assert "Sign in to use bnaGPT." in screen.everything() and not screen.app.chat_input
    assert len(server.requests) == asked


def test_a_drawing_verifies_its_token_once_and_a_later_one_does_again(
    access: AccessServer, browser: Browser, monkeypatch: pytest.MonkeyPatch
):
    verified: list[object] = []

    def verify(*asked: object) -> str:
        verified.append(asked)
        return ANN

    monkeypatch.setattr("view.people.sign_in.person_of_tokens", verify)
    browser.tokens = [access.token(ANN)]
    screen = Screen("chatbot_with_memory")
    assert len(verified) == 1
    monkeypatch.setattr("view.people.sign_in.VERIFIED_S", -1.0)
    browser.tokens = [access.token(BOB)]
    screen.app.run()
    assert len(verified) > 1
