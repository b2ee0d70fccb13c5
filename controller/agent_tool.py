"""A tool in the form that LlamaIndex's agent wants.

The agent hands over a call's id and its arguments as the model wrote them (`call_parser`), so that the runner can check
them, and so that a call and its result are told apart from all others.
"""

from collections.abc import Callable
from typing import Any

from llama_index.core.tools import BaseTool, ToolMetadata, ToolOutput

from controller.exchange import Exchange
from controller.tool_runner import ToolRunner
from controller.tools import Tool
from model.errors import ReplyInterrupted

Call = tuple[str, str, int]  # its id, its arguments as the model wrote them, and the round in which it came


class _Metadata(ToolMetadata):
    """What the model is told; LlamaIndex would make the schema from a pydantic class."""

    def __init__(self, tool: Tool) -> None:
        super().__init__(tool.description, tool.name)
        self._parameters = {"type": "object", **tool.parameters}

    def get_parameters_dict(self) -> dict[str, Any]:
        """Return the JSON schema of the arguments."""
        return self._parameters


class AgentTool(BaseTool):
    """One of our tools for LlamaIndex's agent."""

    def __init__(self, tool: Tool, runner: ToolRunner) -> None:
        self._metadata = _Metadata(tool)
        self._runner = runner

    @property
    def metadata(self) -> ToolMetadata:
        """Return what the model is told."""
        return self._metadata

    def __call__(self, input: Call) -> ToolOutput:
        """Run the tool; it never raises."""
        name = self._metadata.get_name()
        call_id, arguments, round = input
        content = self._runner.run(call_id, name, arguments, round)
        return ToolOutput(content=content, tool_name=name, raw_input={}, raw_output=content)


def call_parser(runner: ToolRunner, exchange: Exchange, last_round: int) -> Callable[[Any], dict[str, Any]]:
    """Return what the agent asks for a call's arguments, before it looks whether there is such a tool."""

    def parse(call: Any) -> dict[str, Any]:
        input: Call = (call.id, call.function.arguments, exchange.round)
        if exchange.round > last_round:
            exchange.fail(ReplyInterrupted("The model kept calling tools and gave no answer.", "Try again."))
        elif call.function.name not in runner.names:
            runner.run(call.id, call.function.name, call.function.arguments, exchange.round)
        return {"input": input}

    return parse
