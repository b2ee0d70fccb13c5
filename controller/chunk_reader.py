"""The stream of an answer, as the provider sends it: chunks, and the events that they make.

Chunks are read as plain data: to make the SDKs' objects of them takes longer than all else that is done with a token.
Read next: `controller/exchange.py`; for calls of tools `controller/call_reader.py`.
"""

from collections.abc import Iterator
from typing import Any, cast

import groq
import openai

from controller.call_reader import CallReader
from controller.faults import TRY_AGAIN
from model.errors import ReplyInterrupted
from model.event import Event, TextDelta, Usage
from model.provider import Endpoint

Chunk = dict[str, Any]


def chunks(sdk: groq.Groq | openai.OpenAI, **request: Any) -> Iterator[Chunk]:
    """Send a request for a stream; when this returns, its answer has begun, and its chunks can be read.

    Raises: what the SDKs raise.
    """
    answer: Any = sdk.chat.completions.with_raw_response.create(**request)
    stream = groq.Stream[object] if isinstance(sdk, groq.Groq) else openai.Stream[object]
    return cast(Iterator[Chunk], answer.parse(to=stream))


class ChunkReader:
    """Reads chunks (https://platform.openai.com/docs/api-reference/chat-streaming)."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._has_finish_reason = False
        self.text = ""
        self.tool_calls = CallReader()

    def read(self, chunk: Chunk) -> Iterator[Event]:
        """Yield the events that a chunk makes."""
        if choices := chunk.get("choices"):
            self._has_finish_reason |= bool(choices[0].get("finish_reason"))
            delta = choices[0].get("delta") or {}
            self.tool_calls.read(delta.get("tool_calls"))
            if text := delta.get("content"):
                self.text += text
                yield TextDelta(text)
        if usage := chunk.get("usage"):
            yield Usage(usage["prompt_tokens"], usage["completion_tokens"])

    def check_end(self) -> None:
        """Refuse a stream that ended without saying why: a proxy or a server has dropped the rest.

        Raises: ReplyInterrupted.
        """
        if not self._has_finish_reason:
            raise ReplyInterrupted(f"{self._endpoint.provider.title} ended before the answer was whole.", TRY_AGAIN)
