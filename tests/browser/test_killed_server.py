"""The whole server is killed in mid-turn, and started again; `tests/test_killed_turns.py` kills more often."""

import random
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.store.json_store import JsonStore
from tests.browser.journey import App, Chat
from tests.killed_turns import LONG, LONG_S, assert_kept, killed_at
from tests.scripted_server import ScriptedServer

pytestmark = pytest.mark.slow


@pytest.fixture
def mortal_app(executable: str, tmp_path: Path, scripted_variables: dict[str, str]):
    """Start bnaGPT, with a conversation, for one test that kills it."""
    turn = [Message("user", "What?"), Message("assistant", "That.")]
    JsonStore(tmp_path / "conversations.json").save("Other", Conversation(turn))
    app = App(tmp_path, **scripted_variables)
    yield app
    app.kill()


def test_of_a_killed_servers_turns_at_most_the_last_second_is_missing(
    page: Page, mortal_app: App, server: ScriptedServer
):
    seed = random.SystemRandom().randrange(1_000_000)
    chance = random.Random(seed)
    before = JsonStore(mortal_app.file).snapshot()["Other"].raw
    chat = Chat(page, mortal_app)
    try:
        for number in (1, 2):
            kill_in_mid_turn(chat, server, f"Question {number}", chance.uniform(0.1, LONG_S - 0.1))
    except AssertionError as error:
        error.add_note(f"seed {seed}")
        raise
    after = JsonStore(mortal_app.file).snapshot()
    assert list(after) == ["Other", "Question 1", "Question 2"]
    assert after["Other"].raw == before


def kill_in_mid_turn(chat: Chat, server: ScriptedServer, prompt: str, moment_s: float) -> None:
    """Ask on a new page, kill the server so long after the request, start it, and check what the file says then."""
    asked_before = len(server.requests)
    server.script(LONG)
    chat.open()
    chat.ask(prompt)
    address = chat.address
    asked_at = server.wait_for_request(asked_before + 1).arrived_at
    seen = killed_at(asked_at + moment_s, chat.app.kill, prompt, server)
    chat.app.start()
    chat.open(address)
    expect(chat.page.get_by_text("Interrupted")).to_be_visible()
    assert seen.was_asked
    assert_kept(JsonStore(chat.app.file).load(prompt).messages, prompt, seen)
