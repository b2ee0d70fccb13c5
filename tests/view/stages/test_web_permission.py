"""The question before words leave this machine, on the page, in the terminal and over HTTP."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from streamlit.testing.v1 import AppTest

from controller.chat.turns import RunningTurn
from controller.tools.leaving import SEARCH_LEAVES
from controller.turn import SENDS, TurnControl
from model.chat.conversation import Conversation
from model.chat.events import Started
from model.chat.message import Message
from model.chat.message_parts import ToolStep
from model.store.json_store import JsonStore
from tests.api_server import ApiServer
from tests.scripted_server import Reply, ScriptedServer
from tests.view.terminal.test_terminal_keyboard import PROMPT, keyboard
from tests.waiting import PATIENCE_S, wait_until
from tests.web_server import Page, WebServer, article
from utils.retrieval.embeddings import FOLDER
from utils.threads.stop import CancellationToken

__all__ = ["keyboard"]
needs_encoder = pytest.mark.skipif(not FOLDER.is_dir(), reason="the encoder's weights are not installed")
QUERY = "swordfish ![x](http://127.0.0.1:9/leak)"
SEARCH = Reply(tool_calls=[("web_search", json.dumps({"query": QUERY}))])


@pytest.fixture
def web(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    with WebServer() as server:
        server.results("", [("Sea", server.put("/sea", Page(article("Sea", "The sea is blue."))), "Blue.")])
        names = {"WEB_SEARCH": "searxng", "SEARXNG_URL": server.url(), "WEB_ALLOWED_HOSTS": server.place}
        environ.update(names)
        for name, value in names.items():
            monkeypatch.setenv(name, value)
        yield server


def draw(step: "ToolStep", turn: "RunningTurn") -> None:
    """Draw the question alone, as a page does while the turn waits."""
    from view.chat.answer_parts import draw_permission
    from view.shell.session import ChatState

    draw_permission(step, turn, ChatState())


def test_the_page_shows_what_would_leave_and_always_is_kept(tmp_path: Path):
    question, answer = Message("user", "hi"), Message("assistant", "", status="streaming")
    conversation, control = Conversation([question, answer]), TurnControl()
    turn = RunningTurn(conversation, control, Started(question, answer))
    waiting = Thread(target=control.gate.ask, args=("call_1", CancellationToken(), SEARCH_LEAVES), daemon=True)
    waiting.start()
    step = ToolStep("call_1", "web_search", "Search the web", json.dumps({"query": QUERY}))
    wait_until(lambda: control.gate.call_id)
    app = AppTest.from_function(draw, kwargs={"step": step, "turn": turn}).run()
    assert QUERY in [code.value for code in app.code] and SEARCH_LEAVES in app.caption[0].value
    assert [button.label for button in app.button] == ["Allow", "Always in this conversation", "Don't allow"]
    app.button[1].click().run()
    waiting.join(PATIENCE_S)
    assert not waiting.is_alive() and not app.exception
    assert control.gate.lets(SENDS) and conversation.options.sends_unasked


@needs_encoder
def test_the_terminal_asks_and_keeps_always(
    keyboard, server: ScriptedServer, web: WebServer, store: JsonStore, tmp_path: Path
):
    file = tmp_path / "secret.txt"
    file.write_text("The password is swordfish.")
    server.script(SEARCH, SEARCH, Reply("It is blue."))
    terminal = keyboard("all_together", "--attach", str(file), **{k: v for k, v in web_variables(web).items()})
    terminal.sendline("What is blue?")
    terminal.expect("swordfish")
    terminal.expect(re.escape("always in this conversation]"))
    assert not [path for path in web.asked if path.startswith("/search")]
    terminal.sendline("always")
    terminal.expect("It is blue")
    terminal.expect(PROMPT)
    assert len([path for path in web.asked if path.startswith("/search")]) == 2
    assert store.load(store.names()[0]).options.sends_unasked


def web_variables(web: WebServer) -> dict[str, str]:
    return {"WEB_SEARCH": "searxng", "SEARXNG_URL": web.url(), "WEB_ALLOWED_HOSTS": web.place}


@needs_encoder
@pytest.mark.parametrize("is_allowed", [False, True])
def test_over_http_it_is_refused_unless_the_request_allows_it(
    web: WebServer, api: ApiServer, server: ScriptedServer, is_allowed: bool
):
    server.script(SEARCH, Reply("Done."))
    data = b64encode(b"The password is swordfish.").decode()
    wish = {"message": "What is blue?", "stage": "all_together", "attachments": [{"name": "secret.txt", "data": data}]}
    events = api.stream(**wish, **({"sends_unasked": True} if is_allowed else {}))
    [result] = [json.loads(data) for name, data in events if name == "tool_result" and "web_search" in data]
    assert result["is_error"] is not is_allowed
    assert ("nobody can be asked" in result["content"]) is not is_allowed
    assert bool([path for path in web.asked if path.startswith("/search")]) is is_allowed
