"""Exchange: what passes between us and the provider in one turn, as events.

LlamaIndex hands a stream's errors to another thread and does not tell how it ended. So streams are watched where
they pass: text becomes events at once, a fault is kept for the turn, and the end is checked.
"""

from collections.abc import Callable, Generator, Iterator
from queue import SimpleQueue
from threading import Event as Flag
from threading import Thread
from typing import Any

from controller.faults import PROVIDER_FAULTS, TRY_AGAIN, told
from model.errors import BnaError, ReplyInterrupted
from model.event import Event, TextDelta, Usage
from model.provider import Endpoint


class ChunkReader:
    """Reads the SDKs' chunks (https://platform.openai.com/docs/api-reference/chat-streaming)."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._has_finish_reason = False

    def read(self, chunk: Any) -> Iterator[Event]:
        """Yield the events that a chunk makes."""
        if chunk.choices:
            self._has_finish_reason |= bool(chunk.choices[0].finish_reason)
            if text := chunk.choices[0].delta.content:
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

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._queue: SimpleQueue[Event | None] = SimpleQueue()
        self._stream_ended = Flag()
        self._fault: Exception | None = None

    def emit(self, event: Event) -> None:
        """Add an event, from whichever thread."""
        self._queue.put(event)

    def close(self) -> None:
        """End the events now, whatever the agent's threads still wait for."""
        self._queue.put(None)

    def events(self, run: Callable[[], object]) -> Iterator[Event]:
        """Run the agent in a thread of its own, and yield events as they come.

        Raises: BnaError for a provider's fault; any other error of the agent as it is.
        """
        Thread(target=self._run, args=(run,), daemon=True).start()
        while (event := self._queue.get()) is not None:
            yield event
        if self._fault is not None:
            raise self._fault

    def watch(self, chats: Iterator[Any]) -> Generator[Any, None, None]:
        """Pass LlamaIndex's ChatResponses on, and emit what their chunks (`raw`) say.

        A fault ends the stream here and is raised by `events`: LlamaIndex would print it from a thread of its own.
        """
        self._stream_ended.clear()
        reader = ChunkReader(self._endpoint)
        try:
            for chat in chats:
                for event in reader.read(chat.raw):
                    self.emit(event)
                yield chat
            reader.check_end()
        except BnaError as error:
            self._fault = error
        except PROVIDER_FAULTS as fault:
            self._fault = told(fault, self._endpoint)
            self._fault.__cause__ = fault
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
