"""Stage 1, Simple Chatbot: one prompt, one streamed answer.

Adds: a request to a model through the raw SDK, streamed, in a dozen lines.
Leaves out: memory. Only the newest message is sent, so the model knows nothing of what was said before.
Read next: `controller/memory.py`.
"""

from collections.abc import Iterator

from controller.base import ChatController, Turn
from controller.exchange import ChunkReader
from controller.faults import translated
from controller.llm import build_sdk
from controller.window import fit
from model.event import Event


class SimpleChatController(ChatController):
    """Sends the question alone."""

    def stream(self, turn: Turn) -> Iterator[Event]:
        """Yield the answer as it comes."""
        fit([], turn.question, turn.endpoint)
        reader = ChunkReader(turn.endpoint)
        with self.line(turn) as line, translated(turn.endpoint):
            chunks = build_sdk(turn.endpoint, line).chat.completions.create(
                model=turn.endpoint.model_name,
                messages=[{"role": "user", "content": turn.question.content}],
                stream=True,
            )
            for chunk in chunks:
                yield from reader.read(chunk)
            reader.check_end()
