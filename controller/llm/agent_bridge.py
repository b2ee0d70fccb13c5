"""AgentBridge: what passes between LlamaIndex's agent and one of our turns.

The agent asks its LLM for a whole answer, in the turn's own thread; the bridge reads the stream meanwhile and tells
each event as it comes. So a fault is an exception like any other.

`AgentTool` is one of our tools in the form that the agent wants. The agent hands over a call's id and its arguments as
the model wrote them (`call_parser`), so that the runner can check them, and so that a call and its result are told
apart from all others.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from llama_index.core.base.llms.types import ChatMessage, ChatResponse
from llama_index.core.tools import BaseTool, ToolMetadata, ToolOutput

from controller.llm.error_mapping import translated
from controller.llm.stream_parser import ChunkReader, PictureKeeper, keep_none
from controller.llm.tool_call_parser import CallReader
from controller.llm.wire import Chunk
from controller.tools.runner import ToolRunner
from controller.tools.tool import Tool
from controller.turn import RequestPictures, Rows
from model.chat.events import Event, Sent, TextDelta, ThinkingDelta
from model.errors import ModelNotFound, ProviderError, ReplyInterrupted
from model.providers.provider import Endpoint
from utils.model_output.text_calls import Fits, TextCalls
from utils.model_output.thoughts import SENT_BACK
from utils.threads.stop import CancellationToken

PERHAPS_BLIND = "Perhaps this model can't see pictures. Then pick another, or say so in Images, and try again."


@dataclass
class AgentBridge:
    """One run of the agent; `emit` takes the turn's events, and `options` are what a person set for its requests."""

    endpoint: Endpoint
    emit: Callable[[Event], None]
    stop: CancellationToken
    pictures: RequestPictures | None = None
    options: dict[str, Any] = field(default_factory=dict)
    round: int = 0  # how many requests the turn has made
    last_round: int = 0  # of those that may ask for tools
    keep_picture: PictureKeeper = keep_none
    fits: Fits | None = None  # whether a call in the text is one; None where only those count that the protocol has

    def begin_request(self, rows: Rows) -> Rows:
        """Note that a request leaves, and return it with its pictures.

        Raises: ReplyInterrupted when the turn has ended, so that its agent ends too.
        """
        self.check_goes_on()
        self.round += 1
        if self.pictures is None:
            self.emit(Sent(rows))
            return rows
        named = self.pictures.named(rows)
        self.emit(Sent(named))
        return self.pictures.filled(named)

    def read(self, send: Callable[[], Iterator[Chunk]]) -> ChatResponse:
        """Send a request, tell the events of its answer as they come, and return the whole of it.

        Raises: ProviderError; what `emit` raises.
        """
        reader = ChunkReader(self.endpoint, self.keep_picture)
        calls = TextCalls(self.fits) if self.fits else None
        try:
            with translated(self.endpoint):
                chunks = send()
            for event in reader.events(chunks):
                self.check_goes_on()
                for told in _without_calls(event, calls) if calls else (event,):
                    self.emit(told)
            if calls and (said := calls.feed("", is_end=True)):
                self.emit(TextDelta(said))
        except ProviderError as refusal:
            if self.pictures and self.pictures.data and type(refusal) in (ProviderError, ModelNotFound):
                refusal.hint = PERHAPS_BLIND
            raise
        return _whole(reader, calls)

    def check_goes_on(self) -> None:
        """Refuse to go on with a turn that was stopped. Raises: ReplyInterrupted."""
        if self.stop.is_set:
            raise ReplyInterrupted("The turn has ended.")


def _without_calls(event: Event, calls: TextCalls) -> Iterator[Event]:
    """Yield an event without the calls that stand in its text, and what was held of the text before what ends it."""
    if isinstance(event, ThinkingDelta) and event.recasts:
        event = replace(event, recasts=len(calls.said))
        calls.forget()
    elif isinstance(event, TextDelta) or not isinstance(event, ThinkingDelta):
        is_text = isinstance(event, TextDelta)
        if said := calls.feed(event.text if isinstance(event, TextDelta) else "", is_end=not is_text):
            yield TextDelta(said)
        if is_text:
            return
    yield event


def _whole(reader: ChunkReader, calls: TextCalls | None) -> ChatResponse:
    """Return all of a stream as LlamaIndex's answer; a call in the text counts where there is none beside it."""
    text = calls.said if calls else reader.text
    made = reader.tool_calls.calls
    if calls and not made:
        told = CallReader()
        told.read(
            [{"index": index, "function": {"name": n, "arguments": a}} for index, (n, a) in enumerate(calls.calls)]
        )
        made = told.calls
    ties = {"tool_calls": made, SENT_BACK: reader.sent_back} if made else {}
    message = ChatMessage(role="assistant", content=text, additional_kwargs=ties)
    return ChatResponse(message=message, delta=text)


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


def call_parser(runner: ToolRunner, bridge: AgentBridge) -> Callable[[Any], dict[str, Any]]:
    """Return what the agent asks for a call's arguments, before it looks whether there is such a tool.

    It raises ReplyInterrupted when a model calls tools that was told to answer.
    """

    def parse(call: Any) -> dict[str, Any]:
        input: Call = (call.id, call.function.arguments, bridge.round)
        if bridge.round > bridge.last_round:
            raise ReplyInterrupted("The model kept calling tools and gave no answer.", "Try again.")
        if call.function.name not in runner.names:
            runner.run(call.id, call.function.name, call.function.arguments, bridge.round)
        return {"input": input}

    return parse
