"""A small request beside the turns: for a title, or a summary.

It is not streamed and nobody sees it come. What it took is told, so that it can be counted.
"""

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from controller.llm.adaptation import adapted
from controller.llm.error_mapping import translated
from controller.llm.providers import Providers
from controller.llm.stream_parser import ChunkReader
from controller.llm.wire import Chunk, build_chat, whole_answer
from controller.turn import RequestPictures
from model.chat.events import Usage
from model.chat.message import Message, now
from model.providers.provider import Endpoint
from utils.threads.stop import CancellationToken


@dataclass(frozen=True)
class Completion:
    """What a model answered, and what that took; None where the provider does not tell.

    `answer` is all that came beside the text, such as the sources of a search.
    """

    text: str
    prompt_token_count: int | None
    completion_token_count: int | None
    answer: Mapping[str, Any] = field(default_factory=dict)

    def row(self, kind: str, endpoint: Endpoint) -> dict[str, Any]:
        """Return what is kept of it in `Options.background`."""
        return {
            "kind": kind,
            "created_at": now(),
            "provider": endpoint.provider.name,
            "model_name": endpoint.model_name,
            "prompt_token_count": self.prompt_token_count,
            "completion_token_count": self.completion_token_count,
        }


def complete_once(
    providers: Providers,
    endpoint: Endpoint,
    prompt: list[Message],
    max_tokens: int,
    stop: CancellationToken | None = None,
    pictures: RequestPictures | None = None,
) -> Completion:
    """Ask a model one thing; `pictures` go with the last message of the prompt.

    Raises: BnaError.
    """
    stop = stop or CancellationToken()
    with providers.line(endpoint, lambda: not stop.is_set) as line, translated(endpoint):
        stop.when_set(line.cut)
        sdk, rows = build_chat(endpoint, line), [{"role": one.role, "content": one.content} for one in prompt]
        if pictures:
            rows[-1:] = pictures.filled(pictures.named(rows[-1:]))

        def send(body: dict[str, Any]) -> list[Chunk]:
            return whole_answer(sdk, model=endpoint.model_name, messages=[], extra_body=body)

        answer = adapted(send, endpoint, rows, max_tokens)
        reader = ChunkReader(endpoint)
        usage = next((event for event in reader.events(answer) if isinstance(event, Usage)), None)
    counts = (usage.prompt_token_count, usage.completion_token_count) if usage else (None, None)
    return Completion(reader.text, counts[0], counts[1], dict(ChainMap(*reversed(answer))))
