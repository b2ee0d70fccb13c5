"""Exchange: what passes between us and the provider in one turn, as events.

LlamaIndex hands a stream's errors to another thread and does not tell how it ended. So streams are watched where
they pass: text becomes events at once, a fault is kept for the turn, and the end is checked.
"""

from collections.abc import Callable, Generator, Iterator
from queue import SimpleQueue
from threading import Event as Flag
from threading import Thread
from typing import Any

from controller.call_reader import CallReader
from controller.faults import PROVIDER_FAULTS, TRY_AGAIN, told
from controller.sight import Pictures
from model.errors import BnaError, ModelNotFound, ProviderError, ReplyInterrupted
from model.event import Event, Sent, TextDelta, Usage
from model.provider import Endpoint

PERHAPS_BLIND = "Perhaps this model can't see pictures. Then say so in the sidebar of Images, and press Retry."


class ChunkReader:
    """Reads the SDKs' chunks (https://platform.openai.com/docs/api-reference/chat-streaming)."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._has_finish_reason = False
        self.text = ""
        self.tool_calls = CallReader()

    def read(self, chunk: Any) -> Iterator[Event]:
        """Yield the events that a chunk makes."""
        if chunk.choices:
            self._has_finish_reason |= bool(chunk.choices[0].finish_reason)
            delta = chunk.choices[0].delta
            self.tool_calls.read(getattr(delta, "tool_calls", None))
            if text := delta.content:
                self.text += text
                yield TextDelta(text)
        if usage := getattr(chunk, "usage", None):
            yield Usage(usage.prompt_tokens, usage.completion_tokens)

    def check_end(self) -> None:
        """Refuse a stream that ended without saying why: a proxy or a server has dropped the rest.

        Raises: ReplyInterrupted.
        """
        if not self._has_finish_reason:
            raise ReplyInterrupted(f"{self._endpoint.provider.title} ended before the answer was whole.", TRY_AGAIN)


class Exchange:
    """The events of one turn, filled by the agent's threads and read by `reply()`."""

    def __init__(self, endpoint: Endpoint, round: int = 0) -> None:
        """Make an exchange for a turn; `round` is the number of its last request that asked for tools."""
        self._endpoint = endpoint
        self._queue: SimpleQueue[Event | None] = SimpleQueue()
        self._stream_ended = Flag()
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

    def fail(self, error: BnaError) -> None:
        """End the events with an error."""
        self._fault = error
        self.close()

    def events(self, run: Callable[[], object], has_stream: bool = True) -> Iterator[Event]:
        """Run the agent, or something that needs no stream, in a thread of its own, and yield events as they come.

        Raises: BnaError for a provider's fault; any other error of the agent as it is.
        """
        if not has_stream:
            self._stream_ended.set()
        Thread(target=self._run, args=(run,), daemon=True).start()
        while (event := self._queue.get()) is not None:
            yield event
        if self._fault is not None:
            raise self._fault

    def watch(self, chats: Iterator[Any]) -> Generator[Any, None, None]:
        """Emit what the chunks (`raw`) of LlamaIndex's ChatResponses say; pass on the last one, as if all came at once.

        An agent that sees text takes it for the answer, and overlooks the tool calls behind it. A fault ends the stream
        here and is raised by `events`: LlamaIndex would print it from a thread of its own.
        """
        self._stream_ended.clear()
        reader, chat = ChunkReader(self._endpoint), None
        try:
            for chat in chats:
                for event in reader.read(chat.raw):
                    self.emit(event)
            reader.check_end()
            if chat is not None:
                yield _whole(chat, reader)
        except BnaError as error:
            self._fault = error
        except PROVIDER_FAULTS as fault:
            self._fault = refusal = told(fault, self._endpoint)
            refusal.__cause__ = fault
            if self.pictures.data and type(refusal) in (ProviderError, ModelNotFound):
                refusal.hint = PERHAPS_BLIND
        finally:
            self._stream_ended.set()

    def _run(self, run: Callable[[], object]) -> None:
        """Run the agent to its end: it returns at the last stream's first token, so that stream is waited for."""
        try:
            run()
            self._stream_ended.wait()
        except Exception as error:
            # Raised again by `events`, in the thread that asked.
            self._fault = self._fault or error
        finally:
            self.close()


def _whole(chat: Any, reader: ChunkReader) -> Any:
    """Return a stream's last ChatResponse as one that holds all of the stream."""
    chat.delta = reader.text
    chat.message.additional_kwargs = {"tool_calls": reader.tool_calls.calls} if reader.tool_calls.calls else {}
    return chat
