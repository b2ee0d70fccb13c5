"""Stage 1, Simple Chatbot: one prompt, one streamed answer.

Adds: a request to a model through the raw SDK, streamed, in a dozen lines.
Leaves out: memory. Only the newest message is sent, so the model knows nothing of what was said before.
"""

from collections.abc import Iterator
from typing import Any

from controller.base import ChatController
from controller.chat_template import templated
from controller.chunk_reader import ChunkReader
from controller.faults import translated
from controller.guard import guarded
from controller.llm import build_sdk, usage_wish
from controller.turn import Turn
from controller.window import fit
from controller.wire import chunks
from model.event import Event, Sent


class SimpleChatController(ChatController):
    """Sends the question alone."""

    slug = "simple_chatbot"

    def stream(self, turn: Turn) -> Iterator[Event]:
        """Yield the answer as it comes."""
        window = fit([], turn.question, turn.endpoint)
        turn.answer.window_token_count = window.token_count
        turn.answer.context_window = turn.endpoint.context_window
        told = templated(turn.endpoint.provider, [turn.question])
        messages: list[Any] = [{"role": message.role, "content": message.content} for message in told]
        yield Sent(messages)
        reader = ChunkReader(turn.endpoint)
        with self.line(turn) as line, translated(turn.endpoint):
            stream = chunks(
                build_sdk(turn.endpoint, line),
                model=turn.endpoint.model_name,
                messages=messages,
                stream=True,
                extra_body=usage_wish(turn.endpoint),
            )
            events = reader.events(stream)
            yield from guarded(turn, events, line.cut) if turn.endpoint.provider.is_small else events
