"""An answer that grows in a terminal.

On a screen, blocks of Markdown that are whole are printed for good, and only the last one is drawn again and again; so
long answers scroll as all else does; what the model thinks stands before them, dim. In a pipe the text alone goes as it
comes.
"""

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markdown import Markdown
from rich.padding import Padding
from rich.text import Text

from controller.chat.turns import THINKING
from model.chat.descriptions import thinking_title
from model.chat.message import Message
from model.chat.message_parts import WHY_FAILED, ToolStep
from utils.text.formulas import as_source
from utils.text.markdown import blocks
from utils.text.terminal import printable, safe_line
from utils.text.untrusted import unfenced

ONE_BLOCK = 1  # characters: every paragraph is a block of its own
MOST_LIVE = 600  # characters of a thought that is not yet a whole line


class Growing:
    """Where nothing is drawn before the answer is whole."""

    def draw(self, activity: str) -> None:
        """Draw what is new, and what the turn does while no text comes."""

    def end(self) -> None:
        """Draw what is left."""

    def pause(self) -> None:
        """Leave the screen to a question."""

    def go_on(self) -> None:
        """Take the screen again."""


class RichAnswer(Growing):
    """An answer as Markdown, and what was thought before it as dim text."""

    def __init__(self, message: Message, console: Console, shows_thinking: bool = True) -> None:
        self._message = message
        self._shows_thinking = shows_thinking
        self._thought = 0  # characters that are printed for good
        self._is_thinking = False
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._live.start()
        self._from = 0  # the place in the text behind the last tool step that was printed
        self._block_count = 0  # printed for good, behind that place
        self._step_count = 0
        self._seen = 0  # characters that had come when it was drawn last

    def draw(self, activity: str) -> None:
        if len(self._message.content) < self._from:
            self._from = self._block_count = self._seen = 0  # it is written anew
        tail = self._draw_thinking(is_growing=activity == THINKING)
        self._draw_steps()
        self._seen = len(self._message.content)
        parts = self._parts()
        self._print(parts[self._block_count : -1])
        self._block_count = max(self._block_count, len(parts) - 1)
        growing: list[RenderableType] = [_markdown(part) for part in parts[self._block_count :]]
        growing += [Text(tail[-MOST_LIVE:], style="dim")] if tail else []
        growing += [Text(safe_line(activity), style="dim")] if activity else []
        self._live.update(Group(*growing), refresh=True)

    def end(self) -> None:
        """Print what is left."""
        self._draw_thinking(is_growing=False)
        self._draw_steps()
        self._live.update("")
        self._live.stop()
        self._print(self._parts()[self._block_count :])

    def pause(self) -> None:
        """Leave the screen to a question."""
        self._live.stop()

    def go_on(self) -> None:
        """Take the screen again."""
        self._live.start()

    def _parts(self, end: int | None = None) -> list[str]:
        text = printable(self._message.content[self._from : end])
        return blocks(text, ONE_BLOCK) if text.strip() else []

    def _print(self, parts: list[str]) -> None:
        for part in parts:
            self._live.console.print(_markdown(part))

    def _draw_thinking(self, is_growing: bool) -> str:
        """Print thoughts behind the text before them, at their end how long they took; return the line that grows."""
        new = printable(self._message.thinking or "")[self._thought :] if self._shows_thinking else ""
        if not new and (is_growing or not self._is_thinking):
            return ""
        whole = new[: new.rfind("\n") + 1] if is_growing else new
        if whole or not is_growing:
            self._live.update("", refresh=True)  # what grows would be drawn once more below what is printed
        if whole.strip():
            self._leave_text(self._seen)  # what has come since may be the answer to this thought
            self._live.console.print(Text(whole.strip("\n"), style="dim"))
        self._thought += len(whole)
        if not is_growing:
            self._live.console.print(Text(f"{thinking_title(self._message)}\n", style="dim italic"))
        self._is_thinking = is_growing
        return new[len(whole) :]

    def _leave_text(self, end: int) -> None:
        """Print the text up to this place for good: something else comes behind it."""
        self._print(self._parts(end)[self._block_count :])
        self._from, self._block_count = end, 0

    def _draw_steps(self) -> None:
        """Print tool steps that have ended, behind the text before them."""
        ended = [step for step in self._message.tool_steps if step.result is not None]
        if len(ended) > self._step_count:
            self._leave_text(len(self._message.content))
            for step in ended[self._step_count :]:
                self._live.console.print(Text(step_as_line(step), style="red" if step.is_error else "dim"))
            self._step_count = len(ended)


class PlainAnswer(Growing):
    """An answer as it comes, for a pipe or a file."""

    def __init__(self, message: Message, console: Console) -> None:
        self._message = message
        self._out = console.file
        self._written = ""

    def draw(self, activity: str) -> None:
        """Write what is new."""
        del activity
        text = printable(self._message.content)
        if not text.startswith(self._written):
            self._out.write("\n\n")
            self._written = ""
        self._out.write(text[len(self._written) :])
        self._out.flush()
        self._written = text

    def end(self) -> None:
        """Write what is left, and end the line."""
        self.draw("")
        self._out.write("\n")
        self._out.flush()


def step_as_line(step: ToolStep) -> str:
    ending = (
        safe_line(str(step.details.get(WHY_FAILED) or unfenced(step.result or "")))
        if step.is_error
        else f"{step.duration_s or 0:.1f} s"
    )
    return f"• {step.label or step.name} · {safe_line(step.arguments, 60)} · {ending}"


def _markdown(text: str) -> RenderableType:
    """Return Markdown to print; addresses are in full, as a link may say one and mean another; so are formulas."""
    return Padding(Markdown(as_source(text), hyperlinks=False, code_theme="ansi_dark"), (0, 0, 1, 0))
