"""Exchange: what passes between us and the provider in one turn, as events.

LlamaIndex hands a stream's errors to another thread and does not tell how it ended. So the thread that asked reads
streams itself, and only then does the agent see them: text becomes events at once, a fault is kept for the turn, and
the end is checked.

A tool in the form that LlamaIndex's agent wants.

The agent hands over a call's id and its arguments as the model wrote them (`call_parser`), so that the runner can check
them, and so that a call and its result are told apart from all others.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from queue import SimpleQueue
from threading import Event as Flag
from threading import Thread
from typing import Any

from llama_index.core.base.llms.types import ChatMessage, ChatResponse
from llama_index.core.tools import BaseTool, ToolMetadata, ToolOutput

from controller.attachments.for_model import Pictures
from controller.llm.error_mapping import PROVIDER_FAULTS, as_our_error
from controller.llm.stream_parser import ChunkReader
from controller.llm.thinking import SENT_BACK
from controller.llm.wire import Chunk
from controller.tools.runner import ToolRunner
from controller.tools.tool import Tool
from model.chat.events import Event, Sent
from model.errors import BnaError, ModelNotFound, ProviderError, ReplyInterrupted
from model.providers.provider import Endpoint

PERHAPS_BLIND = "Perhaps this model can't see pictures. Then pick another, or say so in Images, and try again."


@dataclass(frozen=True)
class Stream:
    """An answer that has begun to come."""

    chunks: Iterator[Chunk]
    reader: ChunkReader


class Exchange:
    """The events of one turn, filled by the agent's threads and read by `reply()`."""

    def __init__(self, endpoint: Endpoint, round: int = 0) -> None:
        """Make an exchange for a turn; `round` is the number of its last request that asked for tools."""
        self._endpoint = endpoint
        self._queue: SimpleQueue[Event | Stream | None] = SimpleQueue()
        self._is_read = Flag()  # the stream that came last
        self.is_closed = False
        self.pictures = Pictures()
        self.round = round  # how many requests the turn has made
        self._fault: Exception | None = None

    def emit(self, event: Event) -> None:
        """Add an event, from whichever thread."""
        self._queue.put(event)

    def sent(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Note that a request leaves, and return it with its pictures.

        Raises: ReplyInterrupted when the turn has ended, so that its agent ends too.
        """
        if self.is_closed:
            raise ReplyInterrupted("The turn has ended.")
        self.round += 1
        named = self.pictures.named(rows)
        self.emit(Sent(named))
        return self.pictures.filled(named)

    def close(self) -> None:
        """End the events now, whatever the agent's threads still wait for."""
        self.is_closed = True
        self._queue.put(None)
        self._is_read.set()

    def fail(self, error: BnaError) -> None:
        """End the events with an error."""
        self._fault = error
        self.close()

    def events(self, run: Callable[[], object]) -> Iterator[Event]:
        """Run the agent, or something that needs no stream, in a thread of its own, and yield events as they come.

        Raises: BnaError for a provider's fault; any other error of the agent as it is.
        """
        Thread(target=self._run, args=(run,), daemon=True).start()
        try:
            while (item := self._queue.get()) is not None:
                if isinstance(item, Stream):
                    yield from self._read(item)
                else:
                    yield item
        finally:
            self.close()
        if self._fault is not None:
            raise self._fault

    def watch(self, begin: Callable[[], Iterator[Chunk]]) -> Generator[ChatResponse, None, None]:
        """Send a request, hand the stream to the thread that reads `events`, and pass it on as if all came at once.

        An agent that sees text takes it for the answer, and overlooks the tool calls behind it. A fault ends the stream
        here and is raised by `events`: LlamaIndex would print it from a thread of its own.
        """
        reader = ChunkReader(self._endpoint)
        self._is_read.clear()
        with self._faults_kept():
            self._queue.put(Stream(begin(), reader))
            if not self.is_closed:  # else no one may come to read
                self._is_read.wait()
        if self._fault is None and not self.is_closed:
            yield _whole(reader)

    def _read(self, stream: Stream) -> Iterator[Event]:
        """Yield the events of a stream; whoever waits for its end goes on then."""
        try:
            with self._faults_kept():
                yield from stream.reader.events(takewhile(lambda _: not self.is_closed, stream.chunks))
        finally:
            self._is_read.set()

    @contextmanager
    def _faults_kept(self) -> Iterator[None]:
        """Keep a provider's fault for `events` to raise."""
        try:
            yield
        except BnaError as error:
            self._fault = error
        except PROVIDER_FAULTS as fault:
            self._fault = refusal = as_our_error(fault, self._endpoint)
            refusal.__cause__ = fault
            if self.pictures.data and type(refusal) in (ProviderError, ModelNotFound):
                refusal.hint = PERHAPS_BLIND

    def _run(self, run: Callable[[], object]) -> None:
        """Run the agent to its end."""
        try:
            run()
        except Exception as error:
            # Raised again by `events`, in the thread that asked.
            self._fault = self._fault or error
        finally:
            self.close()


def _whole(reader: ChunkReader) -> ChatResponse:
    """Return all of a stream as LlamaIndex's answer."""
    ties: dict[str, Any] = {}
    if reader.tool_calls:
        ties = {"tool_calls": reader.tool_calls.calls, SENT_BACK: reader.sent_back}
    message = ChatMessage(role="assistant", content=reader.text, additional_kwargs=ties)
    return ChatResponse(message=message, delta=reader.text)


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
