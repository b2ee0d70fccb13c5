"""Usage: one row for each request that was answered, titles, summaries and images too, and their totals."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from model.chat.message import Message
from model.chat.options import Options
from model.chat.serialization import from_row
from model.pictures.picture import pictures_of
from model.providers.prices import cost_usd
from utils.moments import moment_of

MOST_TOKENS = 10**12  # a larger number can't be a count, and its sums would not fit into a database
MOST_USD = 1e6  # for one image; a larger number can't be its cost
IMAGE = "image"


@dataclass(frozen=True)
class UsageRow:
    """One request, or several of one day and kind; `day` is the local one, empty where the conversation does not tell.

    `kind` is "answer", "title", "summary" or "image"; `is_estimated` says that not the provider has counted the tokens,
    but we. `thinking_token_count` is how many of the completion's tokens were thoughts, as far as the provider tells.
    `images_usd` is what images cost, None where nobody knows. All images of one call are one request.
    """

    day: str
    kind: str
    provider: str
    model_name: str
    prompt_token_count: int
    completion_token_count: int
    is_estimated: bool = False
    request_count: int = 1
    image_count: int = 0
    images_usd: float | None = None
    thinking_token_count: int = 0


@dataclass(frozen=True)
class Totals:
    """The sum of some rows; `cost_usd` is that of the rows whose price is known, and None where none is."""

    prompt_token_count: int
    completion_token_count: int
    thinking_token_count: int
    image_count: int
    cost_usd: float | None
    is_cost_whole: bool
    is_estimated: bool


def usage_rows(messages: Sequence[Message], zone: tzinfo | None = None) -> dict[str, UsageRow]:
    """Return the rows of a conversation from all its messages, each by what tells its request from all others.

    Days are those of a zone, else of this machine's. The same request stands in a copy of the conversation too, and is
    to be counted once.
    """
    rows: dict[str, UsageRow] = {}
    for message in messages:
        if row := row_of(message, zone):
            rows[f"{message.created_at or message.id} {row.kind} {row.model_name}"] = row
        rows |= _image_rows(message, zone)
    for data in from_row(Options, messages[0].conversation or {}).background if messages else ():
        if isinstance(data, dict) and isinstance(data.get("kind"), str):
            row = _background_row(data, zone)
            rows[f"{data.get('created_at') or messages[0].id} {row.kind} {row.model_name}"] = row
    return rows


def total(rows: Iterable[UsageRow], moved: Collection[str] = ()) -> Totals:
    """Return the sum of rows; `moved` is told in `cost_usd`."""
    rows = list(rows)
    costs = [row_cost_usd(row, moved) for row in rows]
    known = [cost for cost in costs if cost is not None]
    return Totals(
        sum(row.prompt_token_count for row in rows),
        sum(row.completion_token_count for row in rows),
        sum(row.thinking_token_count for row in rows),
        sum(row.image_count for row in rows),
        sum(known) if known else None,
        is_cost_whole=len(known) == len(costs),
        is_estimated=any(row.is_estimated for row in rows),
    )


def row_cost_usd(row: UsageRow, moved: Collection[str] = ()) -> float | None:
    """Return what a request cost; None where the price is not known."""
    if row.image_count:
        return row.images_usd
    counts = row.prompt_token_count, row.completion_token_count
    return cost_usd(row.provider, row.model_name, *counts, moved, row.request_count)


def row_of(message: Message, zone: tzinfo | None = None) -> UsageRow | None:
    """Return the row of a message; None when no request made it, or none that was answered."""
    is_counted = message.completion_token_count is not None
    is_answer = message.role == "assistant" or message.summary_of
    if not is_answer or not message.model_name or not (is_counted or message.content):
        return None
    counted = message.prompt_token_count, message.completion_token_count
    prompt, completion = counted if is_counted else (message.window_token_count, message.token_count)
    return UsageRow(
        _day(message.created_at, zone),
        "summary" if message.summary_of else "answer",
        message.provider or "",
        message.model_name,
        _count(prompt),
        _count(completion),
        is_estimated=not is_counted,
        thinking_token_count=_count(message.thinking_token_count),
    )


def _image_rows(message: Message, zone: tzinfo | None) -> Iterator[tuple[str, UsageRow]]:
    """Yield a row for each image that was made for a message, and what tells it from all others; drawings take none."""
    moment, day = message.created_at or message.id, _day(message.created_at, zone)
    for step in message.tool_steps:
        images = (picture for picture in pictures_of([step]) if picture.is_image)
        for place, image in enumerate(images):
            known_usd = image.cost_usd if 0 <= (image.cost_usd or 0) < MOST_USD else None
            row = UsageRow(day, IMAGE, "", image.model_name, 0, 0, False, int(place == 0), 1, known_usd)
            yield f"{moment} {IMAGE} {step.id} {place}", row


def _background_row(data: dict[str, Any], zone: tzinfo | None) -> UsageRow:
    """Return the row of a request beside the turns."""
    kind, provider, model_name = (str(data.get(key) or "") for key in ("kind", "provider", "model_name"))
    prompt, completion = (_count(data.get(f"{half}_token_count")) for half in ("prompt", "completion"))
    return UsageRow(_day(data.get("created_at"), zone), kind, provider, model_name, prompt, completion)


def _count(value: object) -> int:
    """Return a count; nought for what can't be one."""
    return value if type(value) is int and 0 <= value < MOST_TOKENS else 0


def _day(moment: object, zone: tzinfo | None) -> str:
    """Return the day of a moment in a zone, in ISO 8601; empty for anything else."""
    moment_utc = moment_of(moment) if isinstance(moment, str) else None
    return moment_utc.astimezone(zone).date().isoformat() if moment_utc else ""
