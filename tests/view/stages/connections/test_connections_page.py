"""Connections through the doors that people use: the page, the switches, the question before a call, the HTTP API."""

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from controller.chat.turns import RunningTurn
from controller.stages import stage
from controller.stages.connections.permission import allowed_of
from controller.stages.connections.registry import connections_of
from controller.stages.connections.tools import tools_of
from controller.turn import ModelSelection, TurnControl
from model.chat.conversation import Conversation
from model.chat.events import Started
from model.chat.message import Message
from model.chat.message_parts import ToolStep
from settings import ROOT
from tests.api_server import ApiServer
from tests.mcp_places import Peer, program, told, write_config
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import TIMEOUT_S, Screen
from tests.waiting import PATIENCE_S, wait_until
from utils.threads.stop import CancellationToken
from view.shell.services import the_app

WIPE = Reply(tool_calls=[("wipe", "{}")])


@pytest.fixture
def peer(tmp_path: Path) -> Peer:
    schema = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
    return Peer(
        tmp_path / "peer",
        told("read", description="Reads <b>all</b>. ![x](http://127.0.0.1:9/leak)", inputSchema=schema),
        told("wipe", is_read_only=False),
        told("table"),
    )


@pytest.fixture(autouse=True)
def config(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], tmp_path: Path, peer: Peer) -> Path:
    path = write_config(tmp_path / "mcp.json", mine=peer.row)
    monkeypatch.setenv("MCP_CONFIG", str(path))
    environ["MCP_CONFIG"] = str(path)
    return path


@pytest.fixture
def connections_page(open_page) -> Iterator[AppTest]:
    """Return the page; what it has started ends with the test."""
    app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=TIMEOUT_S)
    app.session_state["bna.drawn"] = True
    app.switch_page("pages/95_Connections.py")
    yield app.run()
    connections_of(the_app().services_of().resources).end()


def click(app: AppTest, label: str) -> None:
    [button] = [each for each in app.button if each.label == label]
    button.click().run()
    assert not app.exception, app.exception


def texts(app: AppTest) -> list[str]:
    return [each.value for each in (*app.markdown, *app.caption, *app.code, *app.error)]


def test_a_server_starts_by_a_click_tells_its_tools_and_stops(connections_page: AppTest, peer: Peer):
    assert peer.record == []  # to look at the page starts nothing
    click(connections_page, "Start")
    shown = texts(connections_page)
    assert any("3 tools" in text for text in shown) and "**read**" in shown and "**wipe**" in shown
    assert any("It asks you first." in text for text in shown) and any("only reads" in text for text in shown)
    assert not any("![x](" in text or "<b>" in text for text in shown)
    assert any("On, with 3 tools." in code.value for code in connections_page.code)
    click(connections_page, "Stop")
    assert [button.label for button in connections_page.button if button.label in ("Start", "Stop")] == ["Start"]


def test_a_tool_is_tried_by_hand_and_what_is_wrong_is_told(connections_page: AppTest, peer: Peer):
    click(connections_page, "Start")
    area = connections_page.text_area[0]
    assert json.loads(area.value or "") == {"path": ""}
    area.set_value('{"path": "/x"}').run()
    click(connections_page, "Call it")
    assert '{"path": "/x"}' in [code.value for code in connections_page.code] and peer.called == ["read"]
    connections_page.text_area[0].set_value("{").run()
    click(connections_page, "Call it")
    assert any("not valid JSON" in error.value for error in connections_page.error) and peer.called == ["read"]


def test_a_table_that_a_tool_gave_is_drawn(connections_page: AppTest):
    click(connections_page, "Start")
    connections_page.selectbox[0].set_value("table").run()
    click(connections_page, "Call it")
    assert list(connections_page.dataframe[0].value["name"]) == ["Ann", "Bob"]


def test_what_was_allowed_for_good_can_be_taken_back(connections_page: AppTest):
    click(connections_page, "Start")
    resources = the_app().services_of().resources
    [connection] = connections_of(resources).all()
    wipe = next(tool for tool in tools_of(connection) if tool.name == "wipe")
    allowed_of(resources).allow("mine", "wipe", wipe.mark)
    connections_page.run()
    click(connections_page, "Ask again")
    assert allowed_of(resources).all() == []


def test_what_is_wrong_in_the_file_is_told_and_a_server_that_can_not_start_too(connections_page: AppTest, config: Path):
    write_config(config, mine={"command": "/nowhere"}, other={})
    connections_page.run()
    assert [error.value for error in connections_page.error] == ["“other” needs either “command” or “url”."]
    click(connections_page, "Start")
    assert any("there is no program" in error.value for error in connections_page.error)


def test_without_a_file_the_page_says_what_to_write(connections_page: AppTest, config: Path):
    config.unlink()
    connections_page.run()
    assert any(str(config.name) in caption.value for caption in connections_page.caption)
    assert "mcpServers" in connections_page.code[0].value


def test_the_switch_of_a_server_stands_in_all_together_and_its_tool_answers(open_page, server: ScriptedServer):
    path = Path(the_app().settings.mcp_config)
    write_config(path, time={"command": program("mcp-server-time")})
    server.script(Reply(tool_calls=[("get_current_time", '{"timezone": "Asia/Tokyo"}')]), Reply("It is late there."))
    screen: Screen = open_page("all_together")
    screen.app.button_group[0].set_value(["mcp:time"]).run()
    screen.ask("What time is it in Tokyo?")
    assert not screen.app.exception and screen.errors == []
    assert "It is late there." in screen.messages[-1][1]
    result = str(server.requests[-1].body["messages"][-1]["content"])
    assert "Asia/Tokyo" in result and "from the connection “time”" in result
    connections_of(the_app().services_of().resources).end()


def draw(step: "ToolStep", turn: "RunningTurn") -> None:
    """Draw the question alone, as a page does while the turn waits."""
    from view.chat.answer_parts import draw_permission
    from view.shell.session import ChatState

    draw_permission(step, turn, ChatState())


@pytest.mark.parametrize(("button", "is_kept"), [("Always in this conversation", True), ("Always, everywhere", False)])
def test_the_question_offers_once_this_conversation_and_everywhere(button: str, is_kept: bool):
    question, answer = Message("user", "hi"), Message("assistant", "", status="streaming")
    conversation, control = Conversation([question, answer]), TurnControl()
    turn = RunningTurn(conversation, control, Started(question, answer))
    control.gate.option = "calls_unasked:abc"
    given: list[Any] = []
    waiting = Thread(
        target=lambda: given.append(control.gate.ask("call_1", CancellationToken(), "It may change something.")),
        daemon=True,
    )
    waiting.start()
    wait_until(lambda: control.gate.call_id)
    app = AppTest.from_function(draw, kwargs={"step": ToolStep("call_1", "wipe"), "turn": turn}).run()
    labels = [each.label for each in app.button]
    assert labels == ["Allow", "Always in this conversation", "Always, everywhere", "Don't allow"]
    next(each for each in app.button if each.label == button).click().run()
    waiting.join(PATIENCE_S)
    assert not app.exception and given[0].is_given and given[0].is_for_good is not is_kept
    assert conversation.options.calls_unasked == (["abc"] if is_kept else [])


def saved_conversation(api: ApiServer) -> str:
    """Save a conversation in which the connection is switched on, and return its id."""
    conversation = Conversation([Message("user", "Hi"), Message("assistant", "Hello.")])
    conversation.choose(tools=["mcp:mine"])
    api.parts.conversations.save_conversation("Mine", conversation)
    return api.parts.conversations.list_conversations()[0].id


def test_over_http_a_tool_that_may_change_something_is_refused(api: ApiServer, server: ScriptedServer, peer: Peer):
    server.script(WIPE, Reply("Done."))
    events = api.stream(message="Wipe it.", stage="all_together", conversation_id=saved_conversation(api))
    results = [json.loads(data) for name, data in events if name == "tool_result"]
    assert results[-1]["is_error"] and "may change something" in results[-1]["content"] and peer.called == []
    assert "on a page it can be allowed for good" in results[-1]["content"]
    connections_of(api.parts.resources).end()


def test_a_turn_waits_for_the_persons_yes_and_stop_ends_it_and_tells_the_server(
    api: ApiServer, server: ScriptedServer, peer: Peer
):
    peer.offer(told("slow"), told("wipe", is_read_only=False))
    server.script(WIPE, Reply(tool_calls=[("slow", "{}")]), Reply("Done."))
    services = api.parts
    controller = stage("all_together").build_controller(services.resources)
    conversation, control = Conversation(), TurnControl()

    def begin() -> Started:
        started = controller.ask(conversation, "Wipe it.")
        services.changes.choose(conversation, tools=["mcp:mine"])
        return started

    turn = services.turns.start(controller, conversation, begin, ModelSelection(), control)
    wait_until(lambda: turn.gate.call_id)
    assert peer.called == [] and "not marked as read-only" in turn.gate.reason
    turn.gate.answer(turn.gate.call_id, True)
    wait_until(lambda: peer.called == ["wipe", "slow"])
    turn.stop()
    assert turn.wait(PATIENCE_S)
    wait_until(lambda: peer.heard("notifications/cancelled"))
    connections_of(services.resources).end()
