"""Stage 11 on the screen: what is switched on, and what each switch shows."""

from collections.abc import Callable

import pytest

from model.chat.conversation import Conversation
from model.store.json_store import JsonStore
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen

ON_AT_FIRST = ["web_search", "documents", "run_code", "image_generation"]


@pytest.fixture
def screen(open_page: Callable[..., Screen]) -> Screen:
    return open_page("all_together")


def switches(screen: Screen):
    [pills] = [group for group in screen.app.get("button_group") if ".tools." in (group.key or "")]
    return pills


def offered(server: ScriptedServer) -> set[str]:
    return {tool["function"]["name"] for tool in server.requests[-1].body.get("tools", [])}


def test_a_new_conversation_begins_with_its_tools_on_and_json_off(screen: Screen, server: ScriptedServer):
    assert switches(screen).value == ON_AT_FIRST
    screen.ask("Hi")
    assert {"run_code", "draw_chart"} <= offered(server)


def test_a_model_that_can_not_choose_does_not_search_for_every_question(
    open_page: Callable[..., Screen], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LLM_PROVIDER", "embedded")
    assert switches(open_page("all_together")).value == ON_AT_FIRST[1:]


def test_a_switch_holds_for_the_very_next_question_and_after_a_reload(
    screen: Screen, server: ScriptedServer, open_page: Callable[..., Screen]
):
    switches(screen).set_value(["run_code"]).run()
    screen.ask("Hi")
    assert offered(server) == {"run_code"}
    assert switches(open_page("all_together", screen.address)).value == ["run_code"]


def test_all_switched_off_stays_off(screen: Screen, server: ScriptedServer):
    switches(screen).set_value([]).run()
    assert switches(screen).value == []
    screen.ask("Hi")
    assert offered(server) == set()


def test_the_next_new_conversation_begins_with_its_tools_on_again(screen: Screen):
    switches(screen).set_value([]).run()
    screen.ask("Hi")
    screen.click("New chat")
    assert switches(screen).value == ON_AT_FIRST


def test_a_conversation_of_another_page_opens_with_everything(open_page: Callable[..., Screen], store: JsonStore):
    conversation = Conversation()
    conversation.ask("Hi")[1].content = "Hello"
    store.save("Plain", conversation)
    assert switches(open_page("all_together", conversation.id or "")).value == ON_AT_FIRST


def test_an_answer_in_json_is_shown_as_data(screen: Screen, server: ScriptedServer):
    switches(screen).set_value(["json_mode"]).run()
    server.script(Reply('{"name": "Tom"}'))
    screen.ask("A cat")
    assert "Tom" in screen.app.json[0].value


def test_an_assistant_begins_a_conversation_with_its_own_tools(screen: Screen, server: ScriptedServer):
    screen.app.button("bna.all_together.pick.data-analyst").click().run()
    assert switches(screen).value != ON_AT_FIRST
    screen.ask("Hi")
    assert server.requests[-1].body["messages"][0]["role"] == "system"
    assert "run_code" in offered(server)


def test_answers_are_not_read_aloud_unless_that_is_switched_on(screen: Screen):
    [toggle] = [one for one in screen.app.toggle if one.label == "Read answers aloud"]
    assert toggle.value is False
