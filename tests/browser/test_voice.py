"""Stage 9 in the browser: a question that is said, and an answer that is heard while it is still written."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect, sync_playwright

from tests.browser.journey import App, Chat
from tests.install_browser import LAUNCH_ARGUMENTS
from tests.scripted_server import Reply, ScriptedServer
from tests.sounds import FOX, silence, spoken, write

PAGE = "/Voice"
SLOW_S = 60_000  # milliseconds; the first words wait for the weights, on two busy cores
STORY = Reply("It rains today. " + "It rains and rains and rains. " * 60, tokens_per_s=6)


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a recording."""
    return write(tmp_path_factory.mktemp("said") / "said.wav", spoken(FOX))


@pytest.fixture(scope="module")
def browser(executable: str, said: Path) -> Iterator[Browser]:
    """Start a browser whose microphone hears the recording, again and again."""
    fake = [
        "use-fake-device-for-media-stream",
        "use-fake-ui-for-media-stream",
        f"use-file-for-fake-audio-capture={said}",
    ]
    with sync_playwright() as playwright:
        arguments = [*LAUNCH_ARGUMENTS, *(f"--{flag}" for flag in fake)]
        yield playwright.chromium.launch(executable_path=executable, args=arguments)


def opened(chat: Chat) -> Chat:
    """Open the page, and wait until it is drawn: Streamlit shows no Stop for what is sent before."""
    chat.open(PAGE)
    expect(chat.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=SLOW_S)
    return chat


def bar(chat: Chat) -> Locator:
    """Return what is seen while the voice speaks."""
    return chat.page.get_by_role("group", name="Reading aloud").filter(visible=True)


def attach(chat: Chat, path: Path) -> None:
    """Attach a file, and send it."""
    chat.drop(path)
    chat.box.press("Enter")


def test_an_answer_is_heard_while_it_is_written(chat: Chat, server: ScriptedServer):
    server.script(STORY)
    opened(chat).ask("How is the weather?")
    expect(bar(chat)).to_be_visible(timeout=SLOW_S)
    expect(chat.stop).to_be_visible()
    expect(bar(chat)).to_have_attribute("data-played", "2", timeout=SLOW_S)
    chat.button("Stop speaking").click()
    expect(bar(chat)).to_be_hidden()
    chat.answer("rains and rains")


def test_stop_ends_the_answer_and_the_voice(chat: Chat, server: ScriptedServer):
    server.script(STORY)
    opened(chat).ask("How is the weather?")
    expect(bar(chat)).to_be_visible(timeout=SLOW_S)
    chat.stop.click()
    expect(chat.page.get_by_text("Stopped. The text so far is kept.")).to_be_visible()
    expect(bar(chat)).to_be_hidden()


def test_a_sound_file_is_heard_shown_and_asked(chat: Chat, server: ScriptedServer, said: Path):
    attach(opened(chat), said)
    expect(chat.questions.last).to_contain_text("quick brown fox", timeout=SLOW_S)
    chat.answer(server.default_reply.text)
    assert "quick brown fox" in server.requests[-1].body["messages"][-1]["content"]
    chat.ended()
    chat.page.reload()
    expect(chat.questions.last.locator("audio")).to_be_visible(timeout=SLOW_S)


def test_silence_is_told_and_nothing_is_asked(chat: Chat, server: ScriptedServer, tmp_path: Path):
    attach(opened(chat), write(tmp_path / "quiet.wav", silence(2)))
    expect(chat.errors).to_contain_text("Nothing was said in the recording.", timeout=SLOW_S)
    assert server.requests == []


def test_what_is_said_into_the_microphone_is_asked_with_no_key(new_context, embedded_app: App):
    chat = opened(Chat(new_context(permissions=["microphone"]).new_page(), embedded_app))
    chat.page.get_by_test_id("stChatInputMicButton").click()
    approve = chat.page.get_by_test_id("stChatInputApproveButton")
    expect(approve).to_be_visible(timeout=SLOW_S)
    chat.page.wait_for_timeout(6000)  # no event stands for it: this is how long the person speaks
    approve.click()
    expect(chat.questions.last).to_contain_text("fox", timeout=SLOW_S)
    expect(bar(chat)).to_be_visible(timeout=SLOW_S)
