"""JSON mode on the screen: the answer in four forms, its problems, the schema, and many inputs."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.store.json_store import JsonStore
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen
from tests.waiting import wait_until

SCHEMA = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}


@pytest.fixture
def screen(open_page: Callable[..., Screen]) -> Screen:
    return open_page("json_mode")


def saved(store: JsonStore, answer: str, schema: Mapping[str, object]) -> str:
    """Save a conversation with one answer, and return its id."""
    conversation = Conversation([Message("user", "Who?"), Message("assistant", answer, stage="json_mode")])
    conversation.choose(answer_schema=dict(schema))
    store.save("One", conversation)
    return str(conversation.id)


def test_an_answer_is_a_tree_first_then_what_is_chosen(screen: Screen, server: ScriptedServer):
    server.script(Reply('[{"name": "Ann", "sum": "=1+1"}]'))
    screen.ask("Who?")
    assert [json.loads(tree.value) for tree in screen.app.json] == [[{"name": "Ann", "sum": "=1+1"}]]
    for form in ("Table", "CSV", "Text"):
        screen.app.segmented_control[0].set_value(form).run()
        shown = {
            "Table": lambda: screen.app.dataframe[0].value.to_dict("records") == [{"name": "Ann", "sum": "=1+1"}],
            "CSV": lambda: "Ann,'=1+1" in screen.app.code[0].value,
            "Text": lambda: '"name": "Ann"' in screen.app.code[0].value,
        }
        assert shown[form]()


def test_an_answer_that_does_not_fit_says_where(open_page: Callable[..., Screen], store: JsonStore):
    screen = open_page("json_mode", saved(store, '{"age": "old"}', SCHEMA))
    assert any("age: has to be a whole number" in warning for warning in screen.warnings)


def test_an_answer_that_is_no_json_is_shown_as_it_is(open_page: Callable[..., Screen], store: JsonStore):
    screen = open_page("json_mode", saved(store, "<b>Sorry</b> ![x](http://evil.example/x)", SCHEMA))
    assert screen.app.code[0].value == "<b>Sorry</b> ![x](http://evil.example/x)"
    assert any("It is not JSON" in warning for warning in screen.warnings)


def test_a_schema_is_kept_with_the_conversation(
    open_page: Callable[..., Screen], store: JsonStore, server: ScriptedServer
):
    screen = open_page("json_mode", saved(store, '{"age": 3}', {}))
    screen.click("Any JSON. Set a schema…")
    screen.app.segmented_control(key="bna.json_mode.box.way").set_value("Example").run()
    screen.app.text_area(key="bna.json_mode.box.example").set_value('{"age": 31}').run()
    screen.click("Apply")
    assert store.load("One").options.answer_schema["properties"] == {"age": {"type": "integer"}}
    assert "Answer schema" in open_page("json_mode", store.load("One").id or "").buttons


@pytest.mark.parametrize("slug", ["json_mode", "all_together"])
def test_the_box_of_the_schema_can_be_closed_on_each_page_that_has_it(
    open_page: Callable[..., Screen], store: JsonStore, slug: str
):
    conversation_id = saved(store, '{"age": 3}', SCHEMA)
    store.choose(conversation_id, tools=["json_mode"])
    screen = open_page(slug, conversation_id)
    screen.click("Answer schema")
    assert "Apply" in screen.buttons
    screen.dismiss()
    assert "Apply" not in screen.buttons
    screen.app.run()
    assert "Apply" not in screen.buttons
    screen.click("Answer schema")
    screen.click("Apply")
    assert "Apply" not in screen.buttons


def test_a_schema_that_cannot_be_used_is_told_and_changes_nothing(open_page: Callable[..., Screen], store: JsonStore):
    screen = open_page("json_mode", saved(store, '{"age": 3}', SCHEMA))
    screen.click("Answer schema")
    screen.app.segmented_control(key="bna.json_mode.box.way").set_value("JSON Schema").run()
    screen.app.text_area(key="bna.json_mode.box.text").set_value('{"$ref": "http://x.example"}').run()
    screen.click("Apply")
    assert "points to" in screen.errors[0]
    assert store.load("One").options.answer_schema == SCHEMA


def test_many_inputs_become_a_table(screen: Screen, server: ScriptedServer):
    server.script(Reply('{"age": 1}'), Reply('{"age": 2}'))
    screen.app.text_area(key="bna.json_mode.batch.lines").set_value("Ann\nBob\n").run()
    screen.click("Ask for 2 rows")
    deadline_at = time.monotonic() + 20
    while "New inputs" not in screen.buttons:
        assert time.monotonic() < deadline_at
        screen.app.run()
    rows = screen.app.dataframe[0].value.to_dict("records")
    assert rows == [{"row": "1", "input": "Ann", "age": "1"}, {"row": "2", "input": "Bob", "age": "2"}]
    screen.click("New inputs")
    assert "Ask for all rows" in [button.label for button in screen.app.button]


def test_a_chat_made_temporary_in_the_moment_of_the_click_writes_no_rows(screen: Screen, tmp_path: Path):
    screen.app.text_area(key="bna.json_mode.batch.lines").set_value("A secret\n").run()
    screen.app.toggle(key="bna.json_mode.temporary").set_value(True)
    screen.click("Ask for 1 rows")
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"secret" in path.read_bytes()]


def test_a_temporary_chat_offers_no_rows_from_the_first_drawing_on(screen: Screen):
    screen.app.toggle(key="bna.json_mode.temporary").set_value(True).run()
    assert any("a temporary chat can't have any" in caption for caption in screen.captions)
    screen.app.toggle(key="bna.json_mode.temporary").set_value(False).run()
    assert not any("a temporary chat can't have any" in caption for caption in screen.captions)


def test_a_click_in_another_tab_pays_for_no_row_again(
    screen: Screen, open_page: Callable[..., Screen], server: ScriptedServer
):
    server.script(Reply('{"age": 1}'), Reply('{"age": 2}'))
    tab = open_page("json_mode")
    for each in (screen, tab):
        each.app.text_area(key="bna.json_mode.batch.lines").set_value("Ann\nBob\n").run()
    screen.click("Ask for 2 rows")
    wait_until(lambda: screen.app.run() and "New inputs" in screen.buttons)
    tab.click("Ask for 2 rows")
    assert any("rows in this chat already" in error for error in tab.errors)
    assert len(server.requests) == 2
    assert [row["age"] for row in tab.app.dataframe[0].value.to_dict("records")] == ["1", "2"]
