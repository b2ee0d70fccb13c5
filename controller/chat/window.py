"""The window: which messages the model gets to see.

A model reads a limited number of tokens at once. It gets the instructions, then the newest messages that fit. When
they no longer fit, the beginning is cut off in one big step, down to about half; then it stays where it is for many
turns. So every request begins as the one before it did, and the provider's prompt cache keeps working. Token counts
are kept on the messages, so a turn costs the same at 10 messages and at 10,000.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from controller.tokens import count_tokens
from model.chat.message import Message, is_sendable
from model.errors import ContextWindowExceeded
from model.providers.provider import Endpoint
from utils.threads.trace import note, traced


@dataclass(frozen=True)
class Window:
    """What fits: `messages` in their order, and how many tokens they make."""

    messages: list[Message]
    token_count: int
    begins_at: str


@traced("What fits the window")
def fit(history: Sequence[Message], question: Message, endpoint: Endpoint, limit: int | None = None) -> Window:
    """Return the window for a question that comes after a history.

    Raises: ContextWindowExceeded when the question alone, with the instructions, is too long.
    """
    limit = limit or endpoint.prompt_limit
    instructions = instructions_of(history)
    fixed = cost_of([*instructions, question])
    if fixed > limit:
        raise _too_long(question, endpoint, limit)
    start = _last_start(history, endpoint, len(instructions))
    messages, _ = _newest(history[start:], limit - fixed - cost_of(_summary_before(history, start)))
    if messages is None:
        messages, _ = _newest(history[len(instructions) :], max(0, limit // 2 - fixed), cut=True)
    window = view_from(history, question, messages[0].id if messages else question.id)
    cut_count = len(history) + 1 - len(window.messages)
    note(messages=len(window.messages), left_out=cut_count, tokens=f"{window.token_count} of at most {limit}")
    return window


def view_from(history: Sequence[Message], question: Message, begins_at: str) -> Window:
    """Return the window that begins at a message; at the first one where that message is gone.

    The instructions go before it, and the newest summary of what it leaves out.
    """
    instructions = instructions_of(history)
    start = _index_of(history, begins_at, question, len(instructions))
    spoken = [*reversed(list(_newest_first(history[start:]))), question]
    sent = [*instructions, *_summary_before(history, start), *spoken]
    return Window(sent, cost_of(sent), spoken[0].id)


def left_out(history: Sequence[Message], begins_at: str) -> tuple[Message | None, list[Message]]:
    """Return the newest summary of what stands before a message, and what was said since then and before it."""
    start = next((index for index, message in enumerate(history) if message.id == begins_at), len(history))
    before = history[len(instructions_of(history)) : start]
    summaries = [index for index, message in enumerate(before) if message.summary_of]
    last = summaries[-1] if summaries else -1
    return (before[last] if summaries else None), list(_newest_first(before[last + 1 :]))[::-1]


def last_view(history: Sequence[Message]) -> str | None:
    """Return where the newest answer's view began."""
    last = _last_answer(history)
    return last.view_begins_at if last else None


def _last_answer(history: Sequence[Message]) -> Message | None:
    """Return the newest answer that tells where its view began."""
    return next((message for message in reversed(history) if message.view_begins_at), None)


def _index_of(history: Sequence[Message], begins_at: str, question: Message, default: int) -> int:
    """Return where a window begins in a history; behind it when it begins at the question."""
    if begins_at == question.id:
        return len(history)
    return next((index for index, message in enumerate(history) if message.id == begins_at), default)


def _summary_before(history: Sequence[Message], start: int) -> list[Message]:
    """Return the newest summary that stands before a place, as a list of one, or none."""
    return [message for message in history[:start] if message.summary_of][-1:]


def cost_of(messages: Sequence[Message]) -> int:
    """Return how many tokens messages make together."""
    return sum(map(count_tokens, messages))


def instructions_of(history: Sequence[Message]) -> list[Message]:
    """Return the system messages at the beginning: they survive every cut."""
    count = 0
    while count < len(history) and history[count].role == "system":
        count += 1
    return list(history[:count])


def _last_start(history: Sequence[Message], endpoint: Endpoint, first: int) -> int:
    """Return where the last answer's view began, if it was made for a window of this size; else the beginning."""
    last = _last_answer(history)
    if last is None or last.context_window != endpoint.context_window:
        return first
    found = (index for index in range(len(history) - 1, -1, -1) if history[index].id == last.view_begins_at)
    return next(found, first)


def _newest_first(messages: Sequence[Message]) -> Iterator[Message]:
    """Yield what a model may see, newest first: a question whose answer never came is left out with it."""
    is_unanswered = False
    for message in reversed(messages):
        if message.summary_of:
            continue
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
    """Return the error that says what is too long: the question, its files, or the instructions beside it."""
    count, most, model = count_tokens(question), f"{limit:,}", endpoint.model_name
    if count <= limit:
        return ContextWindowExceeded(
            f"With the instructions of this conversation this is too long; {model} takes up to {most} tokens.",
            "Shorten the instructions, or pick a model with a larger window.",
        )
    what, shorten = ("This message", "Shorten it")
    if question.attachments:
        what, shorten = ("This message, with its files,", "Attach less")
    return ContextWindowExceeded(
        f"{what} is about {count:,} tokens long; {model} takes up to {most}.",
        f"{shorten}, or pick a model with a larger window.",
    )
