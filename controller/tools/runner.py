"""The runner: what happens between the call of a tool and its result, the same for all tools.

It asks the person where that is wished, lets no tool run longer than it may or after a Stop, and turns every failure
into a sentence that the model reads too: it may try another way, and the turn goes on.
"""

import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from contextvars import copy_context
from threading import Event as Flag
from threading import Thread
from typing import Any
from uuid import uuid4

from controller.tokens import cut_to, tokens_of
from controller.tools.tool import Tool, ToolContext, WrongCall, checked
from controller.turn import Turn
from model.chat.events import Event, ToolCall, ToolResult
from model.chat.message_parts import WHY_FAILED
from model.errors import BnaError, ToolFailed
from utils.text.untrusted import FENCE_TOKENS, delimited, harmless
from utils.threads.trace import note, traced

NOT_ALLOWED = "The person did not allow this tool to run."
WRONG_CALL = "The model called this tool in a wrong way, and was told so."
MOST_CALLS_AT_ONCE = 50  # in one answer of the model
LEAST_ROOM_TOKENS = 200  # what a result may take even where the window is full


class _Stopped(Exception):
    """The turn has ended; nobody waits for the tool's result."""


class ToolRunner:
    """Runs the tools of one turn, one call after the other."""

    def __init__(self, turn: Turn, tools: Sequence[Tool], emit: Callable[[Event], None], room_tokens: int) -> None:
        self.turn = turn
        self.room_tokens = room_tokens  # what the results of all calls to come may take together
        self._tools = {tool.name: tool for tool in tools}
        self._emit = emit
        self._citations = list(turn.answer.citations)
        self._call_counts: Counter[int] = Counter()  # by round

    def call(self, name: str, arguments: dict[str, Any], is_allowed: bool = False) -> str:
        """Run a tool because the stage wants it, before the model is asked; return its result."""
        text = json.dumps(arguments, ensure_ascii=False)
        return self.run(f"call_{uuid4().hex}", name, text, is_allowed=is_allowed)

    @traced("A tool is called")
    def run(self, call_id: str, name: str, arguments: str, round: int = 0, is_allowed: bool = False) -> str:
        """Run a tool, and return what the model reads: its result, or why there is none.

        `is_allowed`: the person has said so already, by asking for just this. After a Stop nothing runs.
        """
        if self.turn.stop.is_set:
            return ""
        label = self._tools[name].label if name in self._tools else ""
        self._emit(ToolCall(call_id, name, arguments, round, label))
        context = ToolContext(self.turn, call_id, self._room, self._emit, self._citations)
        began_at = time.monotonic()
        content, ran_with, is_error, strangers = "", None, False, ""
        try:
            tool = self._named(name, round)
            wanted, strangers = checked(tool, arguments), tool.strangers
            if not is_allowed and (ran_with := self._permitted(call_id, tool, wanted)) is not None:
                wanted = checked(tool, ran_with)
            content = self._run(tool, context, wanted)
        except _Stopped:
            return ""
        except BnaError as error:
            content, is_error = f"{error.message} {error.hint}".strip(), True
            if isinstance(error, WrongCall):
                context.show(**{WHY_FAILED: WRONG_CALL})
        content = self._told(content, strangers, ran_with)
        note(tool=name, arguments=arguments if ran_with is None else ran_with, result=content)
        token_count = tokens_of(arguments) + tokens_of(content)
        self.room_tokens -= token_count
        duration_s = round_s(time.monotonic() - began_at)
        self._emit(ToolResult(call_id, name, content, is_error, duration_s, token_count, context.details, ran_with))
        return content

    def _told(self, content: str, strangers: str, ran_with: str | None) -> str:
        """Return a result as the model reads it: without unseen characters and marks of chat formats, cut, fenced."""
        content = cut_to(harmless(content), self._room - (FENCE_TOKENS if strangers else 0))
        content = delimited(content, strangers) if strangers else content
        return content if ran_with is None else f"The person changed the arguments to {ran_with}\n\n{content}"

    @property
    def names(self) -> set[str]:
        return set(self._tools)

    def fits(self, name: str, arguments: str) -> bool:
        """Return whether there is a tool with this name that takes these arguments."""
        with suppress(WrongCall):
            return name in self._tools and checked(self._tools[name], arguments) is not None
        return False

    @property
    def _room(self) -> int:
        return max(self.room_tokens, LEAST_ROOM_TOKENS)

    def _named(self, name: str, round: int) -> Tool:
        """Return the tool with this name.

        Raises: ToolFailed when the model has made it up, or calls too many at once.
        """
        self._call_counts[round] += 1
        if self._call_counts[round] > MOST_CALLS_AT_ONCE:
            raise ToolFailed(
                f"These are too many calls at once: only the first {MOST_CALLS_AT_ONCE} were run.",
                "Use their results first; then call again what is still needed.",
            )
        if name not in self._tools:
            raise ToolFailed(f"Tool with name {name} not found, please double check.")  # as the agent tells the model
        return self._tools[name]

    def _permitted(self, call_id: str, tool: Tool, arguments: dict[str, Any]) -> str | None:
        """Ask the person, where that is wished or the call needs it; return the arguments that they changed.

        Raises: ToolFailed when they say no, _Stopped when they stop the turn.
        """
        gate = self.turn.control.gate
        is_open = self.turn.options.allows(tool.option) or gate.lets(tool.option)
        reason = "" if is_open else tool.why_ask(self.turn, arguments)
        if not self.turn.asks_first and not reason:
            return None
        gate.option = tool.option
        permission = gate.ask(call_id, self.turn.stop, reason)
        if self.turn.stop.is_set:
            raise _Stopped
        if not permission.is_given:
            raise ToolFailed(permission.why_not or NOT_ALLOWED)
        if permission.is_for_good:
            tool.allow_for_good()
        return permission.arguments

    def _run(self, tool: Tool, context: ToolContext, arguments: dict[str, Any]) -> str:
        """Run a tool in a thread of its own, and leave it behind when it does not end in time.

        Raises: BnaError that the tool raised; ToolFailed for a bug in it, or when it takes too long; _Stopped.
        """
        ended, result = Flag(), Future[str]()
        self.turn.stop.when_set(context.stop.set)
        self.turn.stop.when_set(ended.set)
        # With the turn's context, so that who looks inside sees the tool, too.
        work = (copy_context().run, _work, tool, context, arguments, result, ended)
        Thread(target=work[0], args=work[1:], daemon=True).start()
        is_in_time = ended.wait(tool.timeout_s)
        if self.turn.stop.is_set:
            raise _Stopped
        if not is_in_time:
            context.stop.set()
            raise ToolFailed(f"It took longer than {tool.timeout_s:g} seconds and was stopped.")
        return result.result()


def _work(tool: Tool, context: ToolContext, arguments: dict[str, Any], result: "Future[str]", ended: Flag) -> None:
    """Let a tool do its work; what it raises is kept for whoever waits."""
    try:
        result.set_result(traced("The tool works")(tool.run)(context, arguments))
    except BnaError as error:
        result.set_exception(error)
    except Exception:
        logging.getLogger(__name__).exception("The tool %s failed", tool.name)
        result.set_exception(ToolFailed("The tool has a bug.", "The terminal shows details."))
    finally:
        ended.set()


def round_s(seconds: float) -> float:
    """Return seconds to the millisecond."""
    return round(seconds, 3)
