"""The window: which messages the model gets to see.

A model reads a limited number of tokens at once. It gets the instructions, then the newest messages that fit. When
they no longer fit, the beginning is cut off in one big step, down to about half; then it stays where it is for many
turns. So every request begins as the one before it did, and the provider's prompt cache keeps working. Token counts
are kept on the messages, so a turn costs the same at 10 messages and at 10,000.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from model.errors import ContextWindowExceeded
from model.message import Message, is_sendable
from model.provider import Endpoint

# What a message costs beyond its text: its role and the marks around it.
MESSAGE_OVERHEAD_TOKENS = 4


@dataclass(frozen=True)
class Window:
    """What fits: `messages` in their order, and how many tokens they make."""

    messages: list[Message]
    token_count: int
    begins_at: str


def count_tokens(message: Message) -> int:
    """Return about how many tokens a message makes, and keep the count on it.

    Counted as GPT-3.5 would; other models differ by some percent in English, by half in other scripts.
    """
    if message.token_count is None:
        # Imported here: LlamaIndex takes a second, and the app warms it up in the background.
        from llama_index.core.utils import get_tokenizer

        message.token_count = len(get_tokenizer()(message.content)) + MESSAGE_OVERHEAD_TOKENS
    return message.token_count


def fit(history: Sequence[Message], question: Message, endpoint: Endpoint, limit: int | None = None) -> Window:
    """Return the window for a question that comes after a history.

    Raises: ContextWindowExceeded when the question alone, with the instructions, is too long.
    """
    limit = limit or endpoint.prompt_limit
    instructions = _instructions(history)
    fixed = sum(map(count_tokens, [*instructions, question]))
    if fixed > limit:
        raise _too_long(question, endpoint, limit)
    start = _last_start(history, endpoint, len(instructions))
    messages, total = _newest(history[start:], limit - fixed)
    if messages is None:
        messages, total = _newest(history[len(instructions) :], max(0, limit // 2 - fixed), cut=True)
    sent = [*instructions, *(messages or ()), question]
    return Window(sent, fixed + total, sent[len(instructions)].id)


def seen_from(history: Sequence[Message], question: Message, begins_at: str) -> list[Message]:
    """Return what was sent when a view began at a message; all of the history where that message is gone."""
    instructions = _instructions(history)
    ids = [message.id for message in (*history, question)]
    start = ids.index(begins_at) if begins_at in ids else len(instructions)
    return [*instructions, *reversed(list(_newest_first(history[start:]))), question]


def _instructions(history: Sequence[Message]) -> list[Message]:
    """Return the system messages at the beginning: they survive every cut."""
    count = 0
    while count < len(history) and history[count].role == "system":
        count += 1
    return list(history[:count])


def _last_start(history: Sequence[Message], endpoint: Endpoint, first: int) -> int:
    """Return where the last answer's view began, if it was made for a window of this size; else the beginning."""
    last = next((message for message in reversed(history) if message.view_begins_at), None)
    if last is None or last.context_window != endpoint.context_window:
        return first
    found = (index for index in range(len(history) - 1, -1, -1) if history[index].id == last.view_begins_at)
    return next(found, first)


def _newest_first(messages: Sequence[Message]) -> Iterator[Message]:
    """Yield what a model may see, newest first: a question whose answer never came is left out with it."""
    is_unanswered = False
    for message in reversed(messages):
        if is_sendable(message) and not (is_unanswered and message.role == "user"):
            is_unanswered = False
            yield message
        else:
            is_unanswered = message.role == "assistant"


def _newest(messages: Sequence[Message], limit: int, cut: bool = False) -> tuple[list[Message] | None, int]:
    """Return the newest messages and their token count; None where they pass the limit, unless they may be cut.

    A cut falls on a question, because no provider wants a conversation that begins with an answer.
    """
    kept: list[Message] = []
    total = whole = whole_total = 0
    for message in _newest_first(messages):
        if total + count_tokens(message) > limit:
            return (kept[:whole][::-1], whole_total) if cut else (None, 0)
        kept.append(message)
        total += count_tokens(message)
        if message.role == "user":
            whole, whole_total = len(kept), total
    return kept[::-1], total


def _too_long(question: Message, endpoint: Endpoint, limit: int) -> ContextWindowExceeded:
    return ContextWindowExceeded(
        f"This message is about {count_tokens(question):,} tokens long; {endpoint.model_name} takes up to {limit:,}.",
        "Shorten it, or pick a model with a larger window in the sidebar.",
    )
