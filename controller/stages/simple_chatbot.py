"""Stage 1, Simple Chatbot: one prompt, one streamed answer.

Adds: a request to a model through the raw SDK, streamed, in a dozen lines.
Leaves out: memory. Only the newest message is sent, so the model knows nothing of what was said before.
"""

from typing import Any

from controller.chat.chat_template import templated
from controller.chat.controller import ChatController
from controller.chat.window import fit
from controller.llm.client import wanted_back
from controller.llm.error_mapping import translated
from controller.llm.stream_parser import ChunkReader
from controller.llm.wire import build_sdk, chunks
from controller.turn import Turn
from model.chat.events import Sent


class SimpleChatController(ChatController):
    """Sends the question alone."""

    slug = "simple_chatbot"

    def stream(self, turn: Turn) -> None:
        """Send the question, and tell the answer as it comes."""
        window = fit([], turn.question, turn.endpoint)
        turn.answer.window_token_count = window.token_count
        turn.answer.context_window = turn.endpoint.context_window
        told = templated(turn.endpoint.provider, [turn.question])
        messages: list[Any] = [{"role": message.role, "content": message.content} for message in told]
        turn.emit(Sent(messages))
        with self.resources.helpers.small_models.guarded(turn) as emit, self.line(turn) as line:
            with translated(turn.endpoint):
                stream = chunks(
                    build_sdk(turn.endpoint, line),
                    model=turn.endpoint.model_name,
                    messages=messages,
                    stream=True,
                    extra_body=wanted_back(turn.endpoint),
                )
            for event in ChunkReader(turn.endpoint, self.resources.helpers.attachments.keeper(turn)).events(stream):
                emit(event)
