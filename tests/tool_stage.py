"""A stage with tools, for tests of what all such stages share."""

import json
import time
from threading import Event as Flag
from typing import Any

from controller.stages.chatbot_with_memory import MemoryController
from controller.tools.runner import ToolRunner
from controller.tools.tool import Tool, ToolContext
from controller.turn import Turn, TurnControl
from model.chat.conversation import Conversation
from model.chat.events import Event
from model.errors import ToolFailed

TEXT = {"type": "string"}
WAITING = Flag()  # set when the tool that waits has begun


def look_up(context: ToolContext, arguments: dict[str, Any]) -> str:
    """Cite something, and return it."""
    topic = arguments["topic"]
    context.progress(f"Looking for {topic}…")
    number = context.cite(f"All about {topic}", f"https://example.com/{topic}", f"{topic} is blue.", "page 3")
    context.show(note=f"seen {topic}")
    return f"[{number}] {topic} is blue."


def wait(context: ToolContext, arguments: dict[str, Any]) -> str:
    """Take no notice of anything for a while."""
    WAITING.set()
    time.sleep(arguments["duration_s"])
    return "waited"


def fail(context: ToolContext, arguments: dict[str, Any]) -> str:
    """Fail, as a tool or as a bug."""
    if arguments.get("is_bug"):
        raise RuntimeError("a bug")
    raise ToolFailed("The shelf is empty.", "Try another one.")


TOOLS = [
    Tool("look_up", "Look up", "Looks something up.", {"properties": {"topic": TEXT}, "required": ["topic"]}, look_up),
    Tool("wait", "Wait", "Waits.", {"properties": {"duration_s": {"type": "number"}}}, wait, timeout_s=1.0),
    Tool("fail", "Fail", "Fails.", {"properties": {"is_bug": {"type": "boolean"}}}, fail),
]


class LookUpController(MemoryController):
    """Looks things up; for a model that can't call tools it does so before the answer."""

    slug = "chatbot_with_memory"
    instructions = "You can look things up."
    max_rounds = 3

    def tools(self, turn: Turn) -> list[Tool]:
        """Return all tools."""
        return TOOLS

    def before_answer(self, turn: Turn, runner: ToolRunner) -> None:
        """Look the question up for a model that can't."""
        if not turn.endpoint.provider.has_tools:
            runner.call("look_up", {"topic": turn.question.content})


def call(name: str, **arguments: object) -> tuple[str, str]:
    return name, json.dumps(arguments)


def ask(controller: LookUpController, conversation: Conversation, control: TurnControl | None = None) -> list[Event]:
    return list(controller.reply(conversation, "What colour is the sea?", control=control))


def assert_paired(rows: list[dict[str, object]]) -> None:
    """Refuse a request in which a tool call has no result, or a result no call before it."""
    open_ids: list[str] = []
    for row in rows:
        if row["role"] == "tool":
            open_ids.remove(str(row["tool_call_id"]))
        else:
            assert not open_ids
            open_ids = [one["id"] for one in row.get("tool_calls", [])]  # type: ignore[attr-defined]
    assert not open_ids
