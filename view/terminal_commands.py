"""The commands of the terminal, as one table: what `/help` shows is what there is."""

from collections.abc import Callable
from pathlib import Path

from model.errors import InputError
from view import terminal_saved as saved
from view.terminal_chat import TerminalChat


def model(chat: TerminalChat, rest: str) -> None:
    """Choose who answers: /model NAME or /model PROVIDER/NAME; without a name, list them."""
    state, providers = chat.state, chat.state.services.providers
    if rest:
        state.pick_model(rest)
    else:
        models = providers.models(state.provider)
        for name in models.context_windows:
            chat.screen.note(f"{state.provider.name}/{name}")
        if models.problem:
            chat.screen.note(models.problem)
    chat.screen.note(f"{state.provider.title} answers: {state.model_name or providers.default_model(state.provider)}")


def system(chat: TerminalChat, rest: str) -> None:
    """Set this conversation's instructions: /system TEXT; without a text, show them."""
    if rest:
        chat.state.choose(instructions=rest)
    chat.screen.note(chat.state.conversation.options.instructions or "There are no instructions.")


def effort(chat: TerminalChat, rest: str) -> None:
    """Choose how much the model thinks: /effort off, low, medium, high or auto; without one, show it."""
    if rest:
        chat.state.choose_effort(rest)
    chat.screen.note(f"Effort: {chat.state.conversation.options.reasoning_effort or 'auto'}")


def stage(chat: TerminalChat, rest: str) -> None:
    """Go on with another ability: /stage web_search."""
    chat.state.stage = chat.state.find_stage(rest)
    chat.screen.note(f"{chat.state.stage.title}: {chat.state.stage.adds}")


def retry(chat: TerminalChat, _rest: str) -> None:
    """Ask for the last answer again."""
    chat.retry()


def go_on(chat: TerminalChat, _rest: str) -> None:
    """Let the model go on with an answer that was broken off."""
    chat.go_on()


def copy(chat: TerminalChat, _rest: str) -> None:
    """Put the last answer on the clipboard, where the terminal allows that."""
    answer = chat.state.last_answer
    if answer is None or not chat.screen.is_live:
        raise InputError("There is nothing to copy.", "Ask something first, in a terminal.")
    chat.screen.copy(answer.content)
    chat.screen.note("Copied.")


def attach(chat: TerminalChat, rest: str) -> None:
    """Let a file go with the next question: /attach PATH."""
    chat.state.attach([Path(rest.strip("'\"")).expanduser()])
    names = ", ".join(file.name for file in chat.state.attachments)
    chat.screen.note(f"With the next question: {names}")


def help_(chat: TerminalChat, _rest: str) -> None:
    """Show this list."""
    chat.screen.table([(name, (run.__doc__ or "").strip()) for name, run in COMMANDS.items()])
    chat.screen.note("Ctrl-C stops an answer, Ctrl-D ends. Alt-Enter begins a new line, Tab completes.")


def end(_chat: TerminalChat, _rest: str) -> None:
    """End."""


COMMANDS: dict[str, Callable[[TerminalChat, str], None]] = {
    "/new": saved.new,
    "/save": saved.save,
    "/load": saved.load,
    "/list": saved.list_saved,
    "/delete": saved.delete,
    "/model": model,
    "/system": system,
    "/effort": effort,
    "/stage": stage,
    "/retry": retry,
    "/continue": go_on,
    "/copy": copy,
    "/attach": attach,
    "/export": saved.export,
    "/help": help_,
    "/quit": end,
}


def is_command(line: str) -> bool:
    """Tell whether a line is a command and not a question; a path at its beginning is none."""
    first = line.split(maxsplit=1)[0]
    return first.startswith("/") and "/" not in first[1:]


def run_command(chat: TerminalChat, line: str) -> bool:
    """Run a command; return whether the chat goes on.

    Raises: BnaError; InputError when there is no such command.
    """
    name, _, rest = line.strip().partition(" ")
    if name not in COMMANDS:
        raise InputError(f"There is no command “{name}”.", "/help shows all.")
    COMMANDS[name](chat, rest.strip())
    return name != "/quit"
