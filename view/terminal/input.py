"""Typing in the terminal: lines with history, completion and pasting, or the lines of a pipe.

The history is that of the open conversation, from the same store, so nothing that was typed is kept a second time.
"""

import sys
from collections.abc import Iterable, Iterator

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from controller.stages import STAGES
from utils.text.terminal import safe_line
from view.terminal.commands import COMMANDS
from view.terminal.session import TerminalState


class Typing:
    """Where the next question or command comes from."""

    def __init__(self, state: TerminalState) -> None:
        self._state = state

    def lines(self) -> Iterator[str]:
        """Yield what is typed until the input ends; Ctrl-C only clears the line."""
        if not sys.stdin.isatty():
            yield from (line.rstrip("\n") for line in sys.stdin if line.strip())
            return
        keys = KeyBindings()
        keys.add("escape", "enter")(new_line)
        session: PromptSession[str] = PromptSession(
            completer=Completions(self._state), complete_while_typing=False, key_bindings=keys
        )
        while True:
            session.history = self._history()
            session.default_buffer.history = session.history
            try:
                line = session.prompt(FormattedText([("#a87ff0 bold", "› ")]))
            except KeyboardInterrupt:
                continue
            except EOFError:
                return
            if line.strip():
                yield line

    def _history(self) -> InMemoryHistory:
        """Return the questions of the open conversation, for the arrow keys."""
        return InMemoryHistory([m.content for m in self._state.conversation.messages if m.role == "user"])


class Completions(Completer):
    """Completes commands, and the names that they take."""

    def __init__(self, state: TerminalState) -> None:
        self._state = state
        self._paths = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Yield what the text before the cursor may become."""
        text = document.text_before_cursor
        command, space, rest = text.partition(" ")
        if not text.startswith("/"):
            return
        if not space:
            yield from (Completion(name, -len(text)) for name in COMMANDS if name.startswith(text))
        elif command in ("/attach", "/export"):
            yield from self._paths.get_completions(Document(rest, len(rest)), complete_event)
        else:
            yield from (
                Completion(name, -len(rest), display=safe_line(name))
                for name in self._names(command)
                if name.lower().startswith(rest.lower())
            )

    def _names(self, command: str) -> list[str]:
        if command in ("/load", "/delete", "/save"):
            return [row.name for row in self._state.services.conversations.list_conversations()]
        if command == "/model":
            return [f"{row.name}/" for row in self._state.services.providers.offered()]
        return [row.slug for row in STAGES] if command == "/stage" else []


def new_line(event: KeyPressEvent) -> None:
    """Put a line break where Enter alone would send."""
    event.current_buffer.insert_text("\n")
