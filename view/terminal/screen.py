"""What a terminal shows: answers as Markdown while they grow, plain text into a pipe, or a line of JSON each."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.text import Text

from model.chat.conversation import Conversation
from model.chat.descriptions import can_go_on, cut_note, thinking_title
from model.chat.message import Message
from model.errors import BnaError
from utils.text.terminal import clipboard_order, printable, safe_line
from view.terminal.answer import Growing, PlainAnswer, RichAnswer
from view.terminal.session import TerminalState

ACCENT = "#a87ff0"
YES, ALWAYS, NO = "yes", "always", "no"
MOST_ASKED = 3_000  # characters: all that a tool would send is seen


class Screen:
    """Where everything is printed: answers to the output, what is about them to the errors."""

    def __init__(self, as_json: bool = False, shows_thinking: bool = True) -> None:
        self.as_json = as_json
        self.shows_thinking = shows_thinking
        self.console = Console(highlight=False)
        self.errors = Console(stderr=True, highlight=False)
        self.is_live = sys.stdin.isatty() and self.console.is_terminal and not as_json

    def welcome(self, state: TerminalState) -> None:
        """Say where one is, and how to get help."""
        model_name = state.selection.model_name or state.services.providers.default_model(state.provider)
        self.console.print(Text.assemble(("bnaGPT", f"bold {ACCENT}"), f" · {state.stage.title} · "), end="")
        self.note(f"{state.provider.title} {model_name} · /help, Ctrl-D ends")
        if state.conversation.messages:
            self.transcript(state.conversation)

    def transcript(self, conversation: Conversation, count: int = 6) -> None:
        """Print the newest messages of a conversation."""
        for message in conversation.messages[-count:]:
            if message.role == "user":
                self.console.print(Text(f"\n› {printable(message.content)}", style=ACCENT))
            elif message.role == "assistant":
                if message.thinking and self.shows_thinking:
                    self.note(thinking_title(message))
                self._growing(message, shows_thinking=False).end()

    @contextmanager
    def answer(self, message: Message) -> Iterator[Growing]:
        """Lend what draws an answer as it is now."""
        growing = self._growing(message, self.shows_thinking)
        try:
            yield growing
        finally:
            growing.end()

    def _growing(self, message: Message, shows_thinking: bool) -> Growing:
        if self.as_json:
            return Growing()
        if self.console.is_terminal:
            return RichAnswer(message, self.console, shows_thinking)
        return PlainAnswer(message, self.console)

    def ended(self, answer: Message, conversation: Conversation) -> None:
        """Tell what is about an answer: its sources, and what it took."""
        if self.as_json:
            thought = {"thinking": answer.thinking} if answer.thinking and self.shows_thinking else {}
            self.line(as_row(answer, conversation) | thought)
            return
        if note := cut_note(answer):
            self.note(f"{note} /continue goes on with it." if can_go_on(answer) and self.is_live else note)
        for source in answer.citations:
            self.note(f"[{source.number}] {safe_line(source.title)} {source.place} {source.address}")
        if self.is_live:
            took = [answer.model_name, answer.status, f"{answer.duration_s:.1f} s" if answer.duration_s else None]
            self.note(" · ".join(filter(None, took)))

    def table(self, rows: Sequence[tuple[str, ...]]) -> None:
        """Print rows with their columns one below the other."""
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.console.print(Text(printable("  ".join(cells).rstrip())), soft_wrap=True)

    def line(self, row: dict[str, Any]) -> None:
        """Print one line of JSON."""
        sys.stdout.write(json.dumps(row, ensure_ascii=True) + "\n")
        sys.stdout.flush()

    def note(self, text: str) -> None:
        """Say something that is no answer."""
        (self.console if self.is_live else self.errors).print(Text(printable(text), style="dim"), soft_wrap=True)

    def error(self, error: BnaError) -> None:
        """Say what went wrong, and what mends it."""
        if self.as_json:
            self.line({"error": error.message, "hint": error.hint})
        self.errors.print(Text(printable(f"{error.message} {error.hint}".strip()), style="red"), soft_wrap=True)

    def confirm(self, question: str) -> bool:
        """Ask for a yes; anything else is a no."""
        if not sys.stdin.isatty():
            return False
        self.errors.print(Text(f"{safe_line(question, 400)} [y/N] ", style=ACCENT), end="")
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    def permission(self, question: str, with_always: bool) -> str:
        """Ask whether a tool may run, and return YES, ALWAYS or NO; anything unknown is a no."""
        if not sys.stdin.isatty():
            return NO
        ways = "y/N/always in this conversation" if with_always else "y/N"
        self.errors.print(Text(f"{safe_line(question, MOST_ASKED)} [{ways}] ", style=ACCENT), end="")
        said = sys.stdin.readline().strip().lower()
        if with_always and said in ("a", ALWAYS):
            return ALWAYS
        return YES if said in ("y", YES) else NO

    def copy(self, text: str) -> None:
        """Put a text on the clipboard."""
        sys.stdout.write(clipboard_order(text))
        sys.stdout.flush()


def as_row(answer: Message, conversation: Conversation) -> dict[str, Any]:
    """Return an answer for `--json`."""
    return {
        "conversation_id": None if conversation.is_temporary else conversation.id,
        "response": answer.content,
        "status": answer.status,
        "finish_reason": answer.finish_reason or "stop",
        "provider": answer.provider,
        "model": answer.model_name,
        "tools": [
            {"name": step.name, "arguments": step.arguments, "result": step.result} for step in answer.tool_steps
        ],
        "citations": [
            {"number": source.number, "title": source.title, "place": source.place, "address": source.address}
            for source in answer.citations
        ],
        "prompt_tokens": answer.prompt_token_count,
        "completion_tokens": answer.completion_token_count,
        "duration_s": answer.duration_s,
    }
