"""The terminal from a person's keyboard, which here is a pseudo-terminal."""

import json
import os
import re
import sys
import zipfile

import pytest

from model.store.json_store import JsonStore
from settings import ROOT
from tests.illustrated import coloured
from tests.scripted_server import Reply
from tests.waiting import PATIENCE_S, end_terminal

COMMAND = [sys.executable, "-m", "view.terminal"]
SECONDS = PATIENCE_S
PROMPT = "› "


@pytest.fixture
def store(tmp_path) -> JsonStore:
    return JsonStore(tmp_path / "conversations.json")


@pytest.fixture
def keyboard(environ):
    """Return what starts the terminal as a person does."""
    pexpect = pytest.importorskip("pexpect", reason="Windows has no pseudo-terminals")
    opened = []

    def start(*options: str, **variables: str):
        terminal = pexpect.spawn(
            COMMAND[0],
            [*COMMAND[1:], *options],
            cwd=ROOT,
            env={**os.environ, **environ, "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1", **variables},
            encoding="utf-8",
            timeout=SECONDS,
            dimensions=(40, 100),
        )
        terminal.str_last_chars = 4_000  # what a failure shows
        opened.append(terminal)
        terminal.expect(PROMPT)
        return terminal

    yield start
    for terminal in opened:
        end_terminal(terminal)


def ended(terminal) -> int:
    terminal.expect(PROMPT)
    terminal.sendeof()
    terminal.read()
    terminal.close()
    return int(terminal.exitstatus)


def test_orders_to_the_terminal_never_reach_it(keyboard, server):
    server.script(Reply("before \x1b]0;owned\x07\x1b[2J after"))
    terminal = keyboard()
    terminal.sendline("Hi")
    terminal.expect("after")
    assert "\x1b]0;owned" not in terminal.before
    assert "\x1b[2J" not in terminal.before


def test_ctrl_c_stops_the_answer_and_not_the_program(keyboard, server, store):
    server.script(Reply("word " * 4_000, tokens_per_s=20), Reply("again"))
    terminal = keyboard()
    terminal.sendline("Count")
    terminal.expect("word word")
    terminal.sendintr()
    terminal.expect("stopped")
    terminal.expect(PROMPT)
    assert server.wait_for_request(1, ended=True).closed_at is not None
    terminal.sendline("More")
    terminal.expect("again")
    assert ended(terminal) == 0
    messages = store.load(store.names()[0]).messages
    assert [message.status for message in messages][1] == "stopped"
    assert messages[1].content.startswith("word word")


def test_a_failed_answer_is_retried(keyboard, server):
    server.script(Reply(status=500), Reply("now it works"))
    terminal = keyboard()
    terminal.sendline("Hi")
    terminal.expect("another model")
    terminal.expect(PROMPT)
    terminal.sendline("/retry")
    terminal.expect("now it works")


def test_deleting_asks_first(keyboard, server, store):
    server.script(Reply("yes"))
    terminal = keyboard()
    terminal.sendline("Hi")
    terminal.expect("complete")
    terminal.expect(PROMPT)
    terminal.sendline("/save Greeting")
    terminal.expect("Saved as")
    terminal.expect(PROMPT)
    terminal.sendline("/delete Greeting")
    terminal.expect(re.escape("[y/N]"))
    terminal.sendline("n")
    terminal.expect("It stays")
    terminal.expect(PROMPT)
    terminal.sendline("/delete Greeting")
    terminal.expect(re.escape("[y/N]"))
    terminal.sendline("y")
    terminal.expect("is deleted")
    assert store.names() == []


def test_a_tool_asks_before_it_runs(keyboard, server):
    call = ("run_code", json.dumps({"code": "6 * 7"}))
    server.script(Reply(tool_calls=[call]), Reply("It is 42."))
    terminal = keyboard("run_code", ASK_BEFORE_TOOLS="yes")
    terminal.sendline("Compute")
    terminal.expect(re.escape("[y/N]"))
    terminal.sendline("y")
    terminal.expect("• Run code")
    terminal.expect("It is 42.")
    assert "42" in server.requests[1].body["messages"][-1]["content"]


def test_a_file_goes_with_the_question(keyboard, server, tmp_path):
    (tmp_path / "notes.txt").write_text("The key lies under the blue stone.")
    server.script(Reply("Under the stone."))
    terminal = keyboard("documents")
    terminal.sendline(f"/attach {tmp_path / 'notes.txt'}")
    terminal.expect("With the next question: notes.txt")
    terminal.expect(PROMPT)
    terminal.sendline("Where is the key?")
    terminal.expect("Under the stone.")
    assert "blue stone" in json.dumps(server.requests[0].body)


def test_export_copy_and_help(keyboard, server, tmp_path):
    server.script(Reply("the answer"))
    terminal = keyboard()
    terminal.sendline("Hi")
    terminal.expect("complete")
    terminal.expect(PROMPT)
    terminal.sendline("/copy")
    terminal.expect(re.escape("\x1b]52;c;dGhlIGFuc3dlcg==\x07"))
    terminal.expect(PROMPT)
    terminal.sendline(f"/export {tmp_path / 'out.md'}")
    terminal.expect("Written")
    terminal.expect(PROMPT)
    assert "the answer" in (tmp_path / "out.md").read_text()
    terminal.sendline(f"/export {tmp_path / 'out.html'}")
    terminal.expect("Written")
    terminal.expect(PROMPT)
    assert "<!DOCTYPE html>" in (tmp_path / "out.html").read_text()
    terminal.sendline("/help")
    terminal.expect("/continue")
    terminal.expect(PROMPT)
    terminal.sendline("/nonsense")
    terminal.expect("There is no command")
    terminal.expect(PROMPT)
    terminal.sendline("/quit")
    terminal.read()


def test_export_takes_pictures_along_where_the_file_can_hold_them(keyboard, server, tmp_path):
    picture = tmp_path / "sea.png"
    picture.write_bytes(coloured("blue"))
    server.script(Reply("the sea"))
    terminal = keyboard("images", "--attach", str(picture))
    terminal.sendline("What is this?")
    terminal.expect("complete")
    terminal.expect(PROMPT)
    terminal.sendline(f"/export {tmp_path / 'out.md'}")
    terminal.expect("pictures are left out")
    terminal.expect(PROMPT)
    terminal.sendline(f"/export {tmp_path / 'out.zip'}")
    terminal.expect("Written")
    terminal.expect(PROMPT)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert "pictures/1-sea.png" in archive.namelist()
    terminal.sendline("/quit")
    terminal.read()


def test_the_embedded_model_answers_in_the_terminal(keyboard):
    embedded = {"LLM_PROVIDER": "embedded", "LLM_MODEL": "", "OPENAI_API_KEY": "", "OPENAI_BASE_URL": ""}
    terminal = keyboard(**embedded)
    terminal.sendline("What is the capital of France?")
    terminal.expect("Paris")
    assert ended(terminal) == 0
