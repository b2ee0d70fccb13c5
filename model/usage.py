"""Usage: one row for each request that was answered, read off the conversations, and their totals.

Requests beside the answers are here too: titles, which stand in a conversation's options, and summaries, which are
messages. It leaves out what failed before a word came, answers that Retry has replaced, and deleted conversations.
Read next: `view/usage.py`.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from model.conversation import Conversation
from model.message import Message
from model.prices import cost_usd


@dataclass(frozen=True)
class UsageRow:
    """One request; `day` is the local one, and empty where the conversation does not tell.

    `kind` is "answer", "title" or "summary"; `is_estimated` says that not the provider has counted the tokens, but we.
    """

    day: str
    conversation_id: str
    kind: str
    provider: str
    model_name: str
    prompt_token_count: int
    completion_token_count: int
    is_estimated: bool = False


@dataclass(frozen=True)
class Totals:
    """The sum of some rows; `cost_usd` is that of the rows whose price is known, and None where none is."""

    prompt_token_count: int
    completion_token_count: int
    cost_usd: float | None
    is_cost_whole: bool
    is_estimated: bool


def usage_rows(conversations: Iterable[Conversation]) -> list[UsageRow]:
    """Return the rows of conversations; a request that stands in a copy of one too counts once."""
    rows = {key: row for conversation in conversations for key, row in _rows_of(conversation)}
    return list(rows.values())


def total(rows: Iterable[UsageRow], moved: Collection[str] = ()) -> Totals:
    """Return the sum of rows; `moved` is told in `cost_usd`."""
    rows = list(rows)
    costs = [cost_of(row, moved) for row in rows]
    known = [cost for cost in costs if cost is not None]
    return Totals(
        sum(row.prompt_token_count for row in rows),
        sum(row.completion_token_count for row in rows),
        sum(known) if known else None,
        is_cost_whole=len(known) == len(costs),
        is_estimated=any(row.is_estimated for row in rows),
    )


def cost_of(row: UsageRow, moved: Collection[str] = ()) -> float | None:
    """Return what a request cost; None where the price is not known."""
    return cost_usd(row.provider, row.model_name, row.prompt_token_count, row.completion_token_count, moved)


def row_of(message: Message, conversation_id: str = "") -> UsageRow | None:
    """Return the row of a message; None when no request made it, or none that was answered."""
    is_counted = message.completion_token_count is not None
    if not message.model_name or not (is_counted or message.content):
        return None
    counted = message.prompt_token_count, message.completion_token_count
    prompt, completion = counted if is_counted else (message.window_token_count, message.token_count)
    return UsageRow(
        _day(message.created_at),
        conversation_id,
        "summary" if message.summary_of else "answer",
        message.provider or "",
        message.model_name,
        prompt or 0,
        completion or 0,
        is_estimated=not is_counted,
    )


def _rows_of(conversation: Conversation) -> Iterator[tuple[object, UsageRow]]:
    """Yield the rows of a conversation, each with what tells its request from all others."""
    conversation_id = conversation.id or ""
    for message in conversation.all_messages:
        if row := row_of(message, conversation_id):
            yield (message.created_at or message.id, row.kind, row.model_name), row
    for data in conversation.options.background:
        if isinstance(data, dict):
            row = _background_row(data, conversation_id)
            yield (str(data.get("created_at") or conversation_id), row.kind, row.model_name), row


def _background_row(data: dict[str, Any], conversation_id: str) -> UsageRow:
    """Return the row of a request beside the turns."""
    kind, provider, model_name = (str(data.get(key) or "") for key in ("kind", "provider", "model_name"))
    counts = [data.get(key) for key in ("prompt_token_count", "completion_token_count")]
    prompt, completion = (count if type(count) is int else 0 for count in counts)
    return UsageRow(_day(data.get("created_at")), conversation_id, kind, provider, model_name, prompt, completion)


def _day(moment: object) -> str:
    """Return the local day of a moment in ISO 8601; empty for anything else."""
    try:
        return datetime.fromisoformat(str(moment)).astimezone().date().isoformat()
    except (ValueError, OverflowError):
        return ""
