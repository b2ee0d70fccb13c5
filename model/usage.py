"""What answers, summaries and titles took, in tokens as the providers count them.

It leaves out prices. Read next: `model/search_index.py`, which keeps these sums for all conversations.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from model.message import Message
from model.options import Options

_MOST_TOKENS = 10**12  # a larger number can't be a count, and its sums would not fit into a database


@dataclass(frozen=True)
class UsageRow:
    """What the requests of one day, one kind and one model took together.

    `day` is in UTC, as in 2026-01-31, "" when unknown. `kind` is "answer", "summary", or what a request beside the
    turns was for, such as "title".
    """

    day: str
    kind: str
    provider: str
    model_name: str
    request_count: int
    prompt_token_count: int
    completion_token_count: int


def usage_of(messages: Sequence[Message]) -> list[UsageRow]:
    """Return what the requests of a conversation took; `messages` are all of it, as they stand in the file."""
    sums: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for request in _requests(messages):
        prompt, completion = (_count(request.get(f"{half}_token_count")) for half in ("prompt", "completion"))
        if prompt is None and completion is None:
            continue
        kind, provider, model_name = (_text(request.get(key)) for key in ("kind", "provider", "model_name"))
        total = sums[_day(request.get("created_at")), kind, provider, model_name]
        total[:] = total[0] + 1, total[1] + (prompt or 0), total[2] + (completion or 0)
    return [UsageRow(*keys, *total) for keys, total in sums.items()]


def _requests(messages: Sequence[Message]) -> Iterator[Mapping[str, Any]]:
    """Yield what each request left behind, those beside the turns first."""
    background = Options.from_dict(messages[0].conversation).background if messages else []
    yield from (request for request in background if isinstance(request, dict))
    for message in messages:
        yield vars(message) | {"kind": "summary" if message.summary_of else "answer"}


def _count(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value < _MOST_TOKENS else None


def _text(value: Any) -> str:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _day(value: Any) -> str:
    """Return the day of a time in UTC, "" for anything else."""
    try:
        time = datetime.fromisoformat(_text(value))
        return f"{time.astimezone(UTC) if time.tzinfo else time:%Y-%m-%d}"
    except (ValueError, OverflowError):
        return ""
