"""Every lesson runs, as its docstring says, against the embedded model and with no key.

Lessons keep their files beside themselves, so each runs as a copy in a folder of its own.
"""

import gc
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from settings import ROOT
from tests.api_server import ApiServer
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import PATIENCE_S, daily, end_terminal

LESSONS = sorted((ROOT / "101s").glob("*.py"), key=lambda path: int(path.stem.split("_")[0]))
PAGES = [path for path in LESSONS if "streamlit run" in path.read_text()]
SECONDS = 2 * PATIENCE_S  # of patience: the smallest model needs a minute for an answer beside two busy loops
BETTER = ROOT / ".models" / "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"
NAME = ("Hi, my name is Alice.", "What is my name?", "Alice")
AGE = ("I am 42 years old.", "How old am I?", "42")


@pytest.fixture(autouse=True)
def weights_let_go() -> Iterator[None]:
    """Let go of what a lesson has loaded, so that the next one has room."""
    yield
    st.cache_resource.clear()
    gc.collect()


@pytest.fixture
def copy_of(tmp_path, monkeypatch):
    """Return what copies a lesson to where its files harm nobody; the model is looked for below the project."""
    monkeypatch.chdir(ROOT)

    def copy(name: str) -> Path:
        return Path(shutil.copy(ROOT / "101s" / name, tmp_path))

    return copy


@pytest.fixture
def talk(copy_of):
    """Return what starts a lesson in a terminal."""
    pexpect = pytest.importorskip("pexpect", reason="Windows has no pseudo-terminals")
    open_terminals = []

    def start(name: str, **variables: str):
        environ = {**os.environ, "OPENAI_API_KEY": "", **variables}
        terminal = pexpect.spawn(
            sys.executable, [str(copy_of(name))], encoding="utf-8", timeout=SECONDS, echo=False, env=environ
        )
        open_terminals.append(terminal)
        terminal.expect("You: ")
        return terminal

    yield start
    for terminal in open_terminals:
        end_terminal(terminal)


def knows_paris(text: str) -> bool:
    """Return whether it is the right answer; the smallest model, all that a build server has, may miss it."""
    return "Paris" in text if BETTER.exists() else bool(text.strip())


def answer(terminal, question: str) -> str:
    terminal.sendline(question)
    terminal.expect("You: ")
    return str(terminal.before)


def open_page(path: Path) -> AppTest:
    page = AppTest.from_file(str(path), default_timeout=SECONDS).run()
    assert not page.exception
    return page


def said(page: AppTest) -> list[str]:
    return [message.markdown[0].value for message in page.chat_message]


def ask(page: AppTest, question: str) -> str:
    page.chat_input[0].set_value(question).run()
    assert not page.exception
    return said(page)[-1]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_is_short_and_says_how_to_run_it(path):
    text = path.read_text()
    command = "streamlit run" if path in PAGES else "python"
    assert len(text.splitlines()) < 80
    assert f"Run me with: {command} 101s/{path.name}\n" in text
    assert ("With a key: " in text) == ("xllamacpp" in text)
    assert ("Start bnaGPT first: " in text) == ("httpx" in text)


def test_the_ladder_names_every_lesson():
    ladder = (ROOT / "101s" / "README.md").read_text()
    assert re.findall(r"\((\d+_\w+\.py)\)", ladder) == [path.name for path in LESSONS]
    for name in re.findall(r"`(\w+/\w+\.py)`", ladder):
        assert (ROOT / name).exists(), name


def test_the_echo_bot_echoes(copy_of):
    page = open_page(copy_of("1_echo_bot.py"))
    assert ask(page, "hello") == "Echo: hello"
    assert ask(page, "again") == "Echo: again"
    assert said(page) == ["hello", "Echo: hello", "again", "Echo: again"]


def test_the_imitation_streams_one_of_its_answers(copy_of):
    path = copy_of("2_streamed_imitation.py")
    page = open_page(path)
    assert f'"{ask(page, "hello").strip()}"' in path.read_text()
    assert len(said(page)) == 2


def test_the_clone_answers(copy_of):
    page = open_page(copy_of("3_chatgpt_clone.py"))
    assert knows_paris(ask(page, "What is the capital of France?"))


def test_conversations_are_saved_loaded_and_deleted(copy_of):
    path = copy_of("4_saved_conversations.py")
    page = open_page(path)
    assert knows_paris(ask(page, "What is the capital of France?"))
    page.sidebar.text_input[0].set_value("France")
    page.sidebar.button[0].click().run()
    saved = json.loads(path.with_name("saved.json").read_text())
    assert [message["role"] for message in saved["France"]] == ["user", "assistant"]

    page = open_page(path)
    assert not page.chat_message
    page.button(key="load France").click().run()
    assert said(page)[0] == "What is the capital of France?"
    page.button(key="delete France").click().run()
    assert json.loads(path.with_name("saved.json").read_text()) == {}


def test_the_terminal_remembers(talk):
    terminal = talk("5_terminal_with_memory.py")
    # The smallest model, which is all that a build server has, mixes up names.
    told, asked, kept = NAME if BETTER.exists() else AGE
    answer(terminal, told)
    said = answer(terminal, asked)
    assert kept in said if BETTER.exists() else "Model:" in said
    terminal.sendline("")
    terminal.wait()
    assert terminal.exitstatus == 0


def test_the_terminal_goes_on_where_it_ended(talk, tmp_path):
    answer(talk("6_terminal_with_a_file.py"), "What is the capital of France?")
    assert len(json.loads((tmp_path / "terminal.json").read_text())) == 2
    assert "Going on after 2 messages" in talk("6_terminal_with_a_file.py").before


def test_the_terminal_streams(talk):
    told = answer(talk("7_terminal_streaming.py"), "What is the capital of France?")
    assert knows_paris(told.partition("Model:")[2])


def test_json_mode_fills_the_schema(talk):
    told = answer(talk("8_json_mode.py"), "Ann is 31 and likes tea.")
    assert "Name: Ann" in told
    assert "Age next year: 32" in told


def test_the_tool_computes_what_the_model_can_not(talk):
    told = answer(talk("9_tool_call.py"), "What is 12 times 34?")
    assert "Tool: 12 times 34" in told
    assert "Result: 408" in told


def test_the_mcp_client_lets_the_other_program_work(talk):
    told = answer(talk("13_mcp_client.py"), "What is 12 times 34?")
    assert "Tool: times" in told and "Result: 408" in told


TYPED = [path for path in LESSONS if "input(" in path.read_text() and path not in PAGES]


@pytest.mark.parametrize("path", TYPED[: daily(2, len(TYPED))])
def test_the_end_of_what_is_typed_ends_a_lesson_without_a_traceback(path: Path, talk):
    terminal = talk(path.name)
    terminal.sendeof()
    rest = terminal.read()  # to its end
    assert "Traceback" not in rest


def test_thoughts_come_apart_and_are_not_sent_back_whatever_the_server_calls_them(talk):
    tags = Reply("<think>The user asks < 2.</think>It is 1.")
    with ScriptedServer() as server:
        server.script(Reply("Rain falls.", thinking="The user asks of rain."), tags, Reply("Bye."))
        variables = {"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": server.base_url, "MODEL": "scripted"}
        terminal = talk("12_thinking.py", **variables)
        told = [answer(terminal, question) for question in ("Why?", "Below 2?", "Bye")]
        said = [(row["role"], row["content"]) for row in server.requests[-1].body["messages"]]
    dim = re.compile("\x1b\\[2m(.*?)\x1b\\[0m", re.S)
    assert ["".join(dim.findall(text)) for text in told] == ["The user asks of rain.", "The user asks < 2.", ""]
    assert [bool(re.search(r"\(Thought for \d+ s\)", text)) for text in told] == [True, True, False]
    assert said[1::2] == [("assistant", "Rain falls."), ("assistant", "It is 1.")]


def test_what_was_said_is_found_in_other_words_after_a_restart_and_nothing_else(talk):
    terminal = talk("11_memory_by_meaning.py")
    assert "I remember 0 things" in terminal.before
    assert "I'll remember" in answer(terminal, "My dentist is Dr. Kim.")
    answer(terminal, "Our cat sleeps all day.")
    again = talk("11_memory_by_meaning.py")
    assert "I remember 2 things" in again.before
    told = answer(again, "Who looks after my teeth?")
    assert re.search(r"0\.\d\d  goes to the model: on [\d-]+ you said: My dentist is Dr. Kim\.", told)
    assert "does not: " in told and "goes" not in answer(again, "What is the capital of Peru?").replace("does not", "")


@pytest.fixture
def api(environ, server, monkeypatch):
    """Return bnaGPT's HTTP API, whose model says what the test has scripted."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    running = ApiServer()
    monkeypatch.setenv("API", f"http://{running.host}")
    yield running
    running.close()


def test_the_client_streams_an_answer_and_goes_on_with_its_conversation(api, server, copy_of):
    server.script(Reply("Warm air\n\n  rises."), Reply("It cools."), Reply(status=500))
    path = copy_of("10_api_client.py")
    page = open_page(path)
    assert page.caption[0].value == "Conversation: a new one"
    assert ask(page, "How does rain form?") == "Warm air\n\n  rises."
    id = page.query_params["conversation"]
    assert page.caption[0].value == f"Conversation: {id}"
    again = AppTest.from_file(str(path), default_timeout=SECONDS)
    again.query_params["conversation"] = id
    again.run()
    assert said(again) == ["How does rain form?", "Warm air\n\n  rises."]
    assert ask(again, "And then?") == "It cools."
    assert api.said(id)[2:] == [("user", "And then?"), ("assistant", "It cools.")]
    assert [row["content"] for row in server.requests[1].body["messages"]][1:] == ["Warm air\n\n  rises.", "And then?"]
    assert "OpenAI has a problem of its own" in ask(again, "And now?")


def test_even_the_small_model_imitates_thinking(talk):
    assert "Thought for" in answer(talk("12_thinking.py"), "Is a bat a bird?")
