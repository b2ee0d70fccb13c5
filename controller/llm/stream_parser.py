"""What chunks say: the events that they make, whichever form a server gives to text, thoughts, calls and counts."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any

from controller.llm.error_mapping import PROVIDER_FAULTS, TRY_AGAIN, translated
from controller.llm.tool_call_parser import CallReader
from controller.llm.wire import DONE, Chunk, reason_of
from model.chat.events import Event, FinishReason, TextDelta, ThinkingDelta, ToolCall, Usage
from model.chat.message import CONTENT_FILTER, LENGTH
from model.chat.message_parts import Citation
from model.errors import ProviderUnreachable, ReplyInterrupted
from model.providers.provider import Endpoint
from utils.model_output.pictures import MOST_PICTURES, holds_picture, pictures_in
from utils.model_output.think_tags import Part, ThinkTags
from utils.model_output.thoughts import CALLS, Thoughts, text_in
from utils.model_output.web_sources import LISTS, sources_in
from utils.text.characters import Joiner
from utils.threads.trace import traced

CHUNK = "chat.completion.chunk"  # what a piece of an answer says that it is
MOST_TOKENS = 10**12  # a larger number can't be a count
# A server that only says that it is alive is waited for longer than one that is silent, but not for ever.
ALIVE_FACTOR = 3
PICTURE_NOTE = "\n\n*(A picture came with this answer, which can't be shown here.)*"
PictureKeeper = Callable[[bytes], Sequence[Event]]  # returns what puts a picture on the answer, if it can be kept
# How servers say that an answer was cut, or that they failed.
_ENDINGS = {
    **dict.fromkeys(("length", "max_tokens", "model_length", "max_output_tokens", "incomplete", "time_limit"), LENGTH),
    **dict.fromkeys(("context_length_exceeded", "model_context_window_exceeded", "repetition"), LENGTH),
    **dict.fromkeys(("content_filter", "content-filter", "safety", "recitation", "sensitive"), CONTENT_FILTER),
    **dict.fromkeys(("prohibited_content", "blocklist", "spii", "refusal", "image_safety", "language"), CONTENT_FILTER),
    **dict.fromkeys(("error", "network_error", "unknown_error", "insufficient_system_resource", "abort"), "error"),
    **dict.fromkeys(("malformed_function_call", "unexpected_tool_call", "cancelled", "timeout", "other"), "error"),
}


def keep_none(_picture: bytes) -> Sequence[Event]:
    """Keep no picture."""
    return ()


class ChunkReader:
    """Reads one answer (https://platform.openai.com/docs/api-reference/chat-streaming)."""

    def __init__(self, endpoint: Endpoint, keep_picture: PictureKeeper = keep_none) -> None:
        self._endpoint = endpoint
        self._keep_picture = keep_picture
        self._reason = ""
        self._is_done = False
        self._usage: Usage | None = None
        self._tags, self._joiner, self._thought_joiner = ThinkTags(), Joiner(), Joiner()
        self._lost_picture_count, self._has_deltas = 0, False
        self._pictures: dict[str, str] = {}  # SHA-256 -> its label: some servers send one twice
        self._sources: Chunk = {}  # the chunk that told them last: each repeats those of before
        self._said_so_far: list[str] = []  # joined when somebody asks: to add to a text copies all of it
        self.thoughts = Thoughts()
        self.tool_calls = CallReader()

    @property
    def is_whole(self) -> bool:
        """Whether the server has said that the answer ends here; whatever the connection does after that."""
        return self._is_done or bool(self._reason)

    @property
    def text(self) -> str:
        """Return the text of the answer, as far as it has come."""
        if len(self._said_so_far) > 1:
            self._said_so_far = ["".join(self._said_so_far)]
        return self._said_so_far[0] if self._said_so_far else ""

    @property
    def sent_back(self) -> dict[str, Any]:
        """Return what the next request of the turn has to say of this answer, beside its text and calls."""
        return self.thoughts.sent_back(self.text) | ({CALLS: extras} if (extras := self.tool_calls.extras) else {})

    @traced("Chunks become events")
    def events(self, chunks: Iterable[Chunk]) -> Iterator[Event]:
        """Yield the events of an answer, from its first chunk to its end. Raises: ProviderError."""
        heard_at = time.monotonic()
        # A generator sees no fault of whoever takes its events, so only the provider's are translated.
        with translated(self._endpoint):
            try:
                for chunk in chunks:
                    events = self.read(chunk)
                    yield from events
                    if events or chunk is DONE or chunk.get("usage") or self._has_calls(chunk):
                        heard_at = time.monotonic()
                    elif time.monotonic() - heard_at > self._endpoint.timeout_s * ALIVE_FACTOR:
                        raise self._only_alive()
            except PROVIDER_FAULTS:
                if not self.is_whole:
                    raise
            yield from self.end()

    def read(self, chunk: Chunk) -> Sequence[Event]:
        """Return the events that a chunk makes, or a whole answer that came without a stream."""
        if chunk is DONE:
            self._is_done = True
            return ()
        choice = choices[0] if (choices := chunk.get("choices")) else {}
        self._reason = reason_of(choice) or self._reason
        # Kimi tells them in the choice, Groq under a name of its own.
        if usage := chunk.get("usage") or choice.get("usage") or (chunk.get("x_groq") or {}).get("usage"):
            self._usage = usage_of(usage) or self._usage
        if any(name in chunk for name in LISTS):
            self._sources = chunk
        if delta := choice.get("delta"):
            self._has_deltas = True
            return list(self._read_delta(delta))
        return list(self._read_delta(whole)) if (whole := self._whole(choice, chunk)) else ()

    def end(self) -> Iterator[Event]:
        """Yield what was held, how the answer ended, and what it took.

        Raises: ReplyInterrupted when it ended without saying so: a proxy or a server has dropped the rest.
        """
        yield from self._thought(self._thought_joiner.end())
        yield from self._said([*self._tags.feed(self._joiner.end()), *self._tags.end()])
        if self._pictures and not self.text.strip():
            yield from self._said([Part(", ".join(self._pictures.values()) + ".")])
        if self._lost_picture_count and self.text and not self.tool_calls:
            yield from self._said([Part(PICTURE_NOTE)])
        yield from self._cited()
        if self._usage:
            yield self._usage
        ending = _ENDINGS.get(self._reason.lower(), "")
        if not self.is_whole:
            raise cut_off(self._endpoint)
        if ending == "error":
            raise ReplyInterrupted(f"{self._endpoint.provider.title} broke off ({self._reason}).", TRY_AGAIN)
        if ending:
            yield FinishReason(ending)
        if self._lost_picture_count and not self.text and not self.tool_calls:
            raise ReplyInterrupted(
                f"{self._endpoint.provider.title} sent a picture in place of words, which can't be shown here.",
                "Ask for words, or make pictures with Image Generation.",
            )

    def _cited(self) -> Iterator[Event]:
        """Yield the pages that the server has found, those whose number stands in the text; all where none does."""
        sources = enumerate(sources_in(self._sources), 1) if self._sources else ()
        found = [Citation(number, one.title, one.address, one.passage, one.date) for number, one in sources]
        named = [one for one in found if f"[{one.number}]" in self.text]
        yield from named or (one for one in found if one.address)

    def _whole(self, choice: dict[str, Any], chunk: Chunk) -> Any:
        """Return what a choice without a delta says: all of an answer, a piece of it, or all that has come so far.

        Some servers repeat the whole at the end of a stream of deltas.
        """
        message = choice.get("message") or ({"content": choice["text"]} if choice.get("text") else None)
        if not message or (self._has_deltas and (self.text or self.thoughts.has_come or self.tool_calls)):
            return None
        self._is_done = self._is_done or (bool(choice.get("message")) and chunk.get("object") != CHUNK)
        content = message.get("content")
        if self.text and choice.get("message") and isinstance(content, str) and content.startswith(self.text):
            return message | {"content": content[len(self.text) :]}
        return message

    def _read_delta(self, delta: dict[str, Any]) -> Iterator[Event]:
        if calls := delta.get("tool_calls"):
            self.tool_calls.read(calls)
        elif call := delta.get("function_call"):
            self.tool_calls.read({"index": 0, "function": call})
        content = delta.get("content")
        if thoughts := self.thoughts.read(delta):
            yield from self._thought(self._thought_joiner.feed(thoughts))
        if content and isinstance(content, str):
            text = self._joiner.feed(content)
            if text and self._tags.takes_as_text(text):
                self._said_so_far.append(text)
                yield TextDelta(text)
            else:
                yield from self._said(self._tags.feed(text))
        elif content:
            yield from self._read_parts(content)
        if refusal := delta.get("refusal"):
            yield from self._said([Part(self._joiner.feed(refusal))])
        if pictures := delta.get("images"):
            yield from self._shown(pictures)

    def _read_parts(self, content: Any) -> Iterator[Event]:
        """Read content that is a list of typed parts (Mistral, Anthropic), or one such part."""
        for part in [content] if isinstance(content, dict) else filter(None, content):
            if isinstance(part, str):
                yield from self._said(self._tags.feed(self._joiner.feed(part)))
            elif thoughts := self.thoughts.read_part(part):
                yield from self._thought(self._thought_joiner.feed(thoughts))
            elif text := text_in(part.get("text") or part.get("refusal")):
                yield from self._said(self._tags.feed(self._joiner.feed(text)))
            elif holds_picture(part):
                yield from self._shown(part)

    def _shown(self, pictures: Any) -> Iterator[Event]:
        """Yield what puts pictures on the answer, each once."""
        for data in pictures_in(pictures):
            digest = sha256(data).hexdigest()
            if digest in self._pictures:
                continue
            events = self._keep_picture(data) if data and len(self._pictures) < MOST_PICTURES else ()
            self._lost_picture_count += not events
            for event in events:
                if isinstance(event, ToolCall):
                    self._pictures[digest] = event.label
                yield event

    def _said(self, parts: Iterable[Part]) -> Iterator[Event]:
        for part in parts:
            if part.recasts:
                text, self._said_so_far = self.text, []
                self.thoughts.has_come = True
                yield ThinkingDelta((text + part.text).rstrip(), recasts=len(text))
            elif part.is_thinking:
                yield from self._thought(part.text)
            elif part.text:
                self._said_so_far.append(part.text)
                yield TextDelta(part.text)

    def _thought(self, text: str) -> Iterator[Event]:
        if text:
            self.thoughts.has_come = True
            yield ThinkingDelta(text)

    @staticmethod
    def _has_calls(chunk: Chunk) -> bool:
        choices: Any = chunk.get("choices")
        return bool(choices) and bool((choices[0].get("delta") or {}).get("tool_calls"))

    def _only_alive(self) -> ProviderUnreachable:
        seconds = self._endpoint.timeout_s * ALIVE_FACTOR
        return ProviderUnreachable(
            f"{self._endpoint.provider.title} said for {seconds:g} seconds only that it is still there.",
            "Try again, pick another model, or raise LLM_TIMEOUT_S in .env.",
        )


def cut_off(endpoint: Endpoint) -> ReplyInterrupted:
    """Return the error for an answer that ended without saying so."""
    return ReplyInterrupted(f"{endpoint.provider.title} ended before the answer was complete.", TRY_AGAIN)


def usage_of(usage: Any) -> Usage | None:
    """Return the counts that a server tells; None where they can't be counts."""
    if not isinstance(usage, dict):
        return None
    prompt, completion = (
        _count(usage.get(name)) if usage.get(name) is not None else _count(usage.get(other))
        for name, other in (("prompt_tokens", "input_tokens"), ("completion_tokens", "output_tokens"))
    )
    if prompt is None or completion is None:
        return None
    details = usage.get("completion_tokens_details") or usage.get("output_tokens_details")
    thinking = _count(details.get("reasoning_tokens")) if isinstance(details, dict) else None
    return Usage(prompt, completion, thinking or _count(usage.get("reasoning_tokens")) or 0)


def _count(value: object) -> int | None:
    """Return a count; None for what can't be one."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value < MOST_TOKENS else None
