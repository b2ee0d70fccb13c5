"""An answer that grows in a terminal.

On a screen, blocks of Markdown that are whole are printed for good, and only the last one is drawn again and again; so
long answers scroll as all else does. In a pipe the text goes as it comes.
"""

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markdown import Markdown
from rich.padding import Padding
from rich.text import Text

from model.message import Message
from model.tool_step import ToolStep
from utils.markdown import blocks
from utils.terminal_text import harmless, one_line
from utils.untrusted import unfenced

ONE_BLOCK = 1  # characters: every paragraph is a block of its own


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
    """An answer as Markdown."""

    def __init__(self, message: Message, console: Console) -> None:
        self._message = message
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._live.start()
        self._from = 0  # the place in the text behind the last tool step that was printed
        self._block_count = 0  # printed for good, behind that place
        self._step_count = 0

    def draw(self, activity: str) -> None:
        """Draw what is new."""
        if len(self._message.content) < self._from:
            self._from, self._block_count = 0, 0  # it is written anew
        self._draw_steps()
        parts = self._parts()
        self._print(parts[self._block_count : -1])
        self._block_count = max(self._block_count, len(parts) - 1)
        growing: list[RenderableType] = [_markdown(part) for part in parts[self._block_count :]]
        self._live.update(Group(*growing, *([Text(one_line(activity), style="dim")] if activity else [])), refresh=True)

    def end(self) -> None:
        """Print what is left."""
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

    def _parts(self) -> list[str]:
        text = harmless(self._message.content[self._from :])
        return blocks(text, ONE_BLOCK) if text.strip() else []

    def _print(self, parts: list[str]) -> None:
        for part in parts:
            self._live.console.print(_markdown(part))

    def _draw_steps(self) -> None:
        """Print tool steps that have ended, behind the text before them."""
        ended = [step for step in self._message.tool_steps if step.result is not None]
        if len(ended) > self._step_count:
            self._print(self._parts()[self._block_count :])
            self._from, self._block_count = len(self._message.content), 0
            for step in ended[self._step_count :]:
                self._live.console.print(Text(told(step), style="red" if step.is_error else "dim"))
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
        text = harmless(self._message.content)
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


def told(step: ToolStep) -> str:
    """Return a tool step in one line."""
    ending = one_line(unfenced(step.result or "")) if step.is_error else f"{step.duration_s or 0:.1f} s"
    return f"• {step.label or step.name} · {one_line(step.arguments, 60)} · {ending}"


def _markdown(text: str) -> RenderableType:
    """Return Markdown to print; addresses are shown in full, as a link may say one and mean another."""
    return Padding(Markdown(text, hyperlinks=False, code_theme="ansi_dark"), (0, 0, 1, 0))
