"""The same controllers in a terminal: `python -m view.terminal [stage]`.

Adds: a chat without a browser, over the same conversations, and answers for scripts (`--once`, `--json`).
Leaves out: what needs a page, such as branches, charts and the microphone; a conversation begun here goes on there.
"""

import atexit
import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from controller.stages import STAGES
from model.chat.options import REASONING_EFFORTS
from model.errors import BnaError, ConversationNotFound, InputError, StoreUnwritable
from view.app import RunningApp
from view.terminal.chat import TerminalChat
from view.terminal.commands import is_command, run_command
from view.terminal.input import Typing
from view.terminal.screen import Screen
from view.terminal.session import TerminalState

SETTLE_S = 5.0  # for a title
LAST_WORDS_S = 60.0  # for an answer that nobody can be shown
EFFORTS = [effort for effort in REASONING_EFFORTS if effort]
STAGE_NAMES = ", ".join(row.slug for row in STAGES)


def main(
    stage: Annotated[str, typer.Argument(help=f"What it can do: {STAGE_NAMES}.")] = "chatbot_with_memory",
    once: Annotated[bool, typer.Option("--once", help="Take all of the input as one question; answer; end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print each answer as one line of JSON.")] = False,
    system: Annotated[str, typer.Option(help="Custom instructions for a new chat: “Reply in Spanish.”")] = "",
    model: Annotated[str, typer.Option(help="Who answers: a model, or provider/model.")] = "",
    load: Annotated[str, typer.Option(help="Go on with the saved conversation of this name.")] = "",
    last: Annotated[bool, typer.Option("--last", "-c", help="Go on with the newest conversation.")] = False,
    attach: Annotated[list[Path] | None, typer.Option(help="A file that goes with the first question.")] = None,
    effort: Annotated[str, typer.Option(help=f"How much the model thinks: {', '.join(EFFORTS)}.")] = "",
    no_thinking: Annotated[bool, typer.Option("--no-thinking", help="Leave out what the model thinks.")] = False,
    person: Annotated[str, typer.Option(help="Whose conversations, where people sign in: an address.")] = "",
    temporary: Annotated[bool, typer.Option("--temporary", help="Keep nothing on disk.")] = False,
) -> None:
    """Chat with bnaGPT in the terminal."""
    screen = Screen(as_json, shows_thinking=not no_thinking)
    try:
        state = TerminalState(RunningApp().services_of(person.strip().lower()), stage, model)
        begin(state, load, last, temporary)
        if system:
            state.choose(instructions=system)
        if effort:
            state.choose_effort(effort)
        state.attach(attach or [])
    except BnaError as error:
        screen.error(error)
        raise typer.Exit(2) from error
    chat = TerminalChat(state, screen)
    try:
        code = answer_once(chat) if once else talk(chat)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        if takes_output():
            raise
        screen.error(StoreUnwritable(f"The output can't be written. {error.strerror}.", "What has come is saved."))
        for turn in state.services.turns.running():
            turn.wait(LAST_WORDS_S)
        code = 1
    state.services.turns.settle(SETTLE_S)
    end(code)


def lenient() -> None:
    """Let what an encoding lacks be read as U+FFFD and written as “?”: a pipe on Windows may know 256 characters.

    A stream that was closed before the start is an empty one.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def takes_output() -> bool:
    """Return whether the output can be written: a file may be on a full disk."""
    try:
        sys.stdout.write("\n")
        sys.stdout.flush()
    except OSError:
        return False
    return True


def end(code: int) -> NoReturn:
    """End the program at once: Python's own end cuts off threads at work, at which libraries in C++ crash."""
    atexit._run_exitfuncs()
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def begin(state: TerminalState, load: str, last: bool, temporary: bool) -> None:
    """Open the conversation that was asked for.

    Raises: ConversationNotFound; InputError where a saved one is to be temporary.
    """
    if temporary and (load or last):
        raise InputError("A saved conversation can't be temporary.", "Leave one of the two out.")
    state.conversation.is_temporary = temporary
    if last and not load:
        entries = state.services.conversations.list_conversations()
        if not entries:
            raise ConversationNotFound("There is no saved conversation yet.")
        load = max(entries, key=lambda entry: entry.updated_at).name
    if load:
        state.load(load)


def answer_once(chat: TerminalChat) -> int:
    """Answer what the input holds; return the exit code: 0, 1 for a failure, 130 for Ctrl-C."""
    try:
        chat.ask(sys.stdin.read())
    except BnaError as error:
        chat.screen.error(error)
        return 1
    except KeyboardInterrupt:
        return 130
    return 130 if chat.was_stopped else 0


def talk(chat: TerminalChat) -> int:
    """Take questions and commands until the input ends; return the exit code: 1 where one of a pipe's lines failed."""
    typing, code = Typing(chat.state), 0
    if chat.screen.is_live:
        chat.screen.welcome(chat.state)
    for line in typing.lines():
        try:
            if not take(chat, line):
                break
        except BnaError as error:
            chat.screen.error(error)
            code = 1
        except KeyboardInterrupt:  # between two steps of an answer: the program goes on
            chat.screen.note("Stopped.")
    return 0 if chat.screen.is_live else code


def take(chat: TerminalChat, line: str) -> bool:
    """Run a command or ask a question; return whether the chat goes on. Raises: BnaError."""
    if is_command(line):
        return run_command(chat, line)
    chat.ask(line)
    return True


if __name__ == "__main__":
    lenient()
    typer.run(main)
