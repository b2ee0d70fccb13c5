"""Stage 6 on the page: code is seen, changed and run, and what it gave stands under the answer."""

import json

import pytest

from controller.chat.turns import Turns
from controller.stages.run_code.tool import sandboxes_of
from model.errors import StoreUnwritable
from model.store.json_store import JsonStore
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen
from view.shell.services import services


@pytest.fixture
def code_screen(open_page, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CODE_SANDBOX", "monty")
    screen = open_page("run_code")
    yield screen
    sandboxes_of(services().resources).end()


def code(source: str) -> tuple[str, str]:
    return "run_code", json.dumps({"code": source})


def write(screen: Screen, source: str) -> None:
    [editor] = [area for area in screen.app.text_area if area.label == "Python"]
    editor.set_value(source)
    screen.click("Run")


def test_an_answer_shows_its_code_and_the_table_that_it_gave(code_screen: Screen, server: ScriptedServer):
    rows = "[{'n': n, 'square': n * n} for n in range(500)]"
    server.script(Reply(tool_calls=[code(rows)]), Reply("Here they are."))
    code_screen.ask("Squares, please.")
    answer = code_screen.answer
    assert answer.markdown[0].value == "Here they are."
    assert rows in [block.value for block in answer.code]
    [table] = answer.dataframe
    assert list(table.value.columns) == ["n", "square"] and len(table.value) == 200
    assert "The first 200 of 500 rows." in code_screen.captions
    code_screen.app.switch_page("pages/2_Chatbot_With_Memory.py").run()
    code_screen.load("Squares, please.")
    assert len(code_screen.answer.dataframe) == 1  # under the answer, and not in the step, too


def test_code_of_an_answer_can_be_changed_and_run_again(code_screen: Screen, server: ScriptedServer):
    server.script(Reply(tool_calls=[code("print(1 + 1)")]), Reply("Two."))
    code_screen.ask("Add.")
    code_screen.click("Edit and run")
    [editor] = code_screen.app.text_area
    assert editor.value == "print(1 + 1)"
    write(code_screen, "print(1 + 2)")
    assert code_screen.messages[-2] == ("user", "```python\nprint(1 + 2)\n```")
    assert "Printed:\n3" in code_screen.messages[-1][1]
    assert len(server.requests) == 2
    assert not code_screen.app.text_area  # closed; “Edit and run” stands under what ran


def test_the_model_knows_what_was_run_by_hand(code_screen: Screen, server: ScriptedServer):
    code_screen.click("Write code")
    write(code_screen, "x = 6\nx * 7")
    server.script(Reply("It gave 42."))
    code_screen.ask("What did it give?")
    told = [row["content"] for row in server.requests[0].body["messages"]]
    assert "x * 7" in told[1] and "42" in told[2]


def test_nothing_in_the_editor_is_not_run_and_the_editor_closes(code_screen: Screen):
    code_screen.click("Write code")
    write(code_screen, "   ")
    assert code_screen.messages == []
    code_screen.click("Close")
    assert not code_screen.app.text_area and "Write code" in code_screen.buttons


def test_files_that_code_wrote_can_be_taken_along(code_screen: Screen):
    code_screen.click("Write code")
    write(code_screen, "open('out.csv', 'w').write('a,b')")
    [button] = code_screen.answer.get("download_button")
    assert button.proto.label == "out.csv · 0.0 kB"


def test_a_saved_conversation_shows_the_same(code_screen: Screen, open_page):
    code_screen.click("Write code")
    write(code_screen, "print('kept')\n[{'a': 1}, {'a': 2}]")
    again = open_page("run_code", code_screen.address)
    assert again.messages == code_screen.messages
    assert again.answer.dataframe[0].value.to_dict("list") == {"a": [1, 2]}


@pytest.mark.parametrize(
    "details",
    [
        {"table": {"columns": [], "rows": "x", "row_count": -1}, "files": "x", "note": 3},
        {"table": {"columns": ["a", "a"], "rows": [[1, 2]], "row_count": 1}},
        {"files": [{"sha256": "../../etc/passwd", "name": "[x](javascript:alert(1))", "media_type": "image/png"}, 7]},
        {"note": "<script>alert(1)</script>"},
    ],
)
def test_results_that_came_from_anywhere_break_nothing(
    code_screen: Screen, open_page, store: JsonStore, details: dict[str, object]
):
    code_screen.click("Write code")
    write(code_screen, "1 + 1")
    [name] = store.names()
    conversation = store.load(name)
    conversation.messages[-1].tool_steps[0].details = details
    store.change(conversation.id, [conversation.messages[-1]])
    again = open_page("run_code", code_screen.address)
    assert again.messages == code_screen.messages
    assert not any("[x](" in caption for caption in again.captions)


def test_the_same_call_id_twice_is_no_trouble(code_screen: Screen, server: ScriptedServer, monkeypatch):
    monkeypatch.setattr("tests.scripted_replies.time.time_ns", lambda: 7)
    for number in range(2):
        server.script(Reply(tool_calls=[code(f"print({number})")]), Reply(tool_calls=[code("print(3)")]), Reply("So."))
        code_screen.ask("Again.")
    edits = [button for button in code_screen.app.button if button.label == "Edit and run"]
    assert len(edits) == 4 and len({button.key for button in edits}) == 4


def test_code_that_can_not_be_run_now_stays_in_the_editor(code_screen: Screen, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise StoreUnwritable("The disk is full.", "Make room.")

    monkeypatch.setattr(Turns, "start", refuse)
    code_screen.click("Write code")
    write(code_screen, "1 + 1")
    assert code_screen.errors == ["The disk is full. Make room."]
    assert code_screen.app.text_area[0].value == "1 + 1"
