"""The terminal in a pipe: for scripts."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from model.store.json_store import JsonStore
from settings import ROOT
from tests.conftest import SECRET
from tests.scripted_server import Reply
from tests.waiting import PATIENCE_S

COMMAND = [sys.executable, "-m", "view.terminal"]
SECONDS = PATIENCE_S


@pytest.fixture
def store(tmp_path) -> JsonStore:
    return JsonStore(tmp_path / "conversations.json")


@pytest.fixture
def pipe(environ):
    """Return what runs the terminal with an input that is no terminal."""

    def run(text: str, *options: str, **variables: str):
        return subprocess.run(
            [*COMMAND, *options],
            input=text,
            cwd=ROOT,
            env={**os.environ, **environ, **variables},
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=SECONDS,
        )

    return run


def test_once_takes_all_of_the_input_as_one_question(pipe, server, store):
    server.script(Reply("It falls\nfrom clouds."))
    run = pipe("What is rain?\nIn two lines.\n", "--once")
    assert (run.stdout, run.returncode) == ("It falls\nfrom clouds.\n", 0)
    assert server.requests[0].body["messages"][-1]["content"] == "What is rain?\nIn two lines.\n"
    assert [message.content for message in store.load(store.names()[0]).messages][1] == "It falls\nfrom clouds."


def test_json_tells_the_answer_in_one_line(pipe, server, store):
    server.script(Reply("a “quoted”\nanswer"))
    told = json.loads(pipe("Hi", "--once", "--json").stdout)
    assert told["response"] == "a “quoted”\nanswer"
    assert told["status"] == "complete"
    assert store.find(told["conversation_id"]).messages[0].content == "Hi"


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8:strict"])
def test_an_encoding_that_lacks_what_is_said_breaks_nothing(pipe, server, store, encoding: str):
    server.script(Reply("Sun \U0001f31e today."), Reply("And more."))
    run = pipe("caf\udc81\nAnd then?\n", PYTHONIOENCODING=encoding)
    assert run.returncode == 0 and "Traceback" not in run.stderr
    assert run.stdout.startswith("Sun ") and run.stdout.endswith(" today.\nAnd more.\n")
    assert store.load(store.names()[0]).messages[1].content == "Sun \U0001f31e today."


def test_json_is_whole_in_every_encoding(pipe, server):
    server.script(Reply("Sun \U0001f31e today."))
    run = pipe("Hi", "--once", "--json", PYTHONIOENCODING="cp1252")
    assert json.loads(run.stdout)["response"] == "Sun \U0001f31e today."


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_an_output_that_is_full_is_told_and_the_answer_is_saved(environ, server, store):
    server.script(Reply("It falls from clouds."))
    command = f"echo Hi | {shlex.join(COMMAND)} --once >/dev/full"
    variables = {**os.environ, **environ}
    run = subprocess.run(command, shell=True, cwd=ROOT, env=variables, stderr=subprocess.PIPE, timeout=SECONDS)
    assert run.returncode == 1 and run.stderr.startswith(b"The output can't be written. No space left on device.")
    assert store.load(store.names()[0]).messages[1].content == "It falls from clouds."


@pytest.mark.skipif(os.name != "posix", reason="a shell closes the streams")
def test_streams_that_are_closed_are_empty(environ, server):
    command = f"{shlex.join(COMMAND)} --once <&- >&-"
    variables = {**os.environ, **environ}
    run = subprocess.run(command, shell=True, cwd=ROOT, env=variables, stderr=subprocess.PIPE, timeout=SECONDS)
    assert run.returncode == 1 and run.stderr.startswith(b"There is nothing to send.")


def test_a_failure_is_told_and_has_an_exit_code(pipe, server):
    server.script(Reply(status=429, retry_after_s=9))
    run = pipe("Hi", "--once")
    assert run.returncode == 1
    assert run.stdout.strip() == ""
    assert "Traceback" not in run.stderr
    assert "9" in run.stderr
    server.script(Reply(status=500))
    told = [json.loads(line) for line in pipe("Hi", "--once", "--json").stdout.splitlines()]
    assert told[-1]["error"]


@pytest.mark.parametrize(
    "options",
    [("no_stage",), ("--load", "nothing"), ("--model", "groq/x"), ("--attach", "/none"), ("--temporary", "--last")],
)
def test_what_can_not_be_begun_ends_with_2_and_a_sentence(pipe, options):
    run = pipe("Hi", "--once", *options)
    assert run.returncode == 2
    assert "Traceback" not in run.stderr
    assert run.stderr.strip()


def test_instructions_go_first(pipe, server):
    server.script(Reply("Hola"))
    pipe("Hello", "--once", "--system", "Reply in Spanish.")
    assert server.requests[0].body["messages"][0] == {"role": "system", "content": "Reply in Spanish."}


def test_a_pipe_of_lines_is_a_conversation_without_colour(pipe, server):
    server.script(Reply("**Hello** Alice"), Reply("Alice"))
    run = pipe("My name is Alice.\n\nWhat is my name?\n/save Names\n/list\n")
    assert run.stdout.splitlines()[:2] == ["**Hello** Alice", "Alice"]
    assert "\x1b" not in run.stdout + run.stderr
    assert "Names" in run.stdout
    assert len(server.requests[1].body["messages"]) == 3
    assert run.returncode == 0


def test_a_conversation_goes_on_at_the_next_start(pipe, server):
    server.script(Reply("one"), Reply("two"), Reply("three"))
    pipe("first", "--once")
    pipe("second", "--once", "--last")
    pipe("third", "--once", "--load", "first")
    assert [m["content"] for m in server.requests[2].body["messages"]] == ["first", "one", "second", "two", "third"]


def test_nothing_of_a_temporary_conversation_is_on_disk(pipe, server, tmp_path):
    server.script(Reply("secret answer"))
    assert "secret answer" in pipe("Hi", "--once", "--temporary").stdout
    assert not any(b"secret" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_stage_1_forgets(pipe, server):
    server.script(Reply("one"), Reply("two"))
    pipe("first\nsecond\n", "simple_chatbot")
    assert server.requests[1].body["messages"][-1]["content"] == "second"
    assert "first" not in json.dumps(server.requests[1].body)


def test_thoughts_stand_apart_in_json_and_never_in_a_pipe(pipe, server, store):
    server.script(*3 * [Reply("Rain falls.", thinking="The user asks.")])
    run = pipe("Why?", "--once", "--effort", "high")
    assert (run.stdout, run.returncode) == ("Rain falls.\n", 0)
    [name] = store.names()
    assert store.load(name).options.reasoning_effort == "high"
    assert store.load(name).messages[1].thinking == "The user asks."
    told = json.loads(pipe("Why?", "--once", "--json").stdout)
    assert (told["response"], told["thinking"]) == ("Rain falls.", "The user asks.")
    assert "thinking" not in json.loads(pipe("Why?", "--once", "--json", "--no-thinking").stdout)
    assert pipe("Why?", "--once", "--effort", "huge").returncode == 2


def test_inside_tells_each_step_and_one_with_its_code(pipe, server):
    server.script(Reply("One."), Reply("Two."))
    run = pipe("Hi\n/inside\nAgain\n/inside 99\n/inside 1\n/inside\n/help\n")
    assert run.stdout.startswith("One.\nTwo.\n"), run.stderr
    kept, told = run.stderr.split("1. A question, and a still empty answer", 1)
    assert "1. The question · " in kept and "It is saved" in kept  # nobody had looked when it was asked
    assert "The request leaves, and its response begins" in told and "(controller/llm/wire.py:" in told
    assert "There is no step “99”." in told
    assert "def ask(self, conversation: Conversation" in told and "docs/tour.md#" in told
    assert "/inside" in run.stdout and SECRET not in run.stdout + run.stderr
