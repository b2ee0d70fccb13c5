"""One turn, step by step, on the wall's clock: the endpoint notes its own steps, the reader (page or SDK) its own."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import openai

from benchmarks.apps import Endpoint

PROMPT = "And then?"

_turn_number = count(1)


@dataclass(frozen=True)
class Pace:
    """How the endpoint answers: after a delay, so many tokens at such a rate (None: all at once)."""

    token_count: int
    tokens_per_s: float | None
    delay_s: float = 0.0


@dataclass(frozen=True)
class TurnTimes:
    """When a turn's steps happened, in ms."""

    entered_at_ms: float
    asked_at_ms: float
    first_sent_at_ms: float
    last_sent_at_ms: float
    first_seen_at_ms: float
    last_seen_at_ms: float

    def enter_to_request_ms(self) -> float:
        """Return how long the request took to reach the endpoint."""
        return self.asked_at_ms - self.entered_at_ms

    def enter_to_first_token_ms(self) -> float:
        """Return how long a person waited for the first token."""
        return self.first_seen_at_ms - self.entered_at_ms

    def first_token_ms(self) -> float:
        """Return how long the first token took from the endpoint to the reader."""
        return self.first_seen_at_ms - self.first_sent_at_ms

    def last_token_ms(self) -> float:
        """Return how long the last token took from the endpoint to the reader."""
        return self.last_seen_at_ms - self.last_sent_at_ms


def script_turn(endpoint: Endpoint, pace: Pace) -> tuple[str, str]:
    """Tell the endpoint what to answer, and return the first and the last word, which stand in no other turn."""
    number = f"{next(_turn_number):04}"
    first, last = f"FIRST{number}", f"LAST{number}"
    words = [f"word{index}" for index in range(pace.token_count - 2)]
    endpoint.script(text=" ".join([first, *words, last]), tokens_per_s=pace.tokens_per_s, delay_s=pace.delay_s)
    return first, last


def turn_times(endpoint: Endpoint, entered_at_ms: float, first_seen_at_ms: float, last_seen_at_ms: float) -> TurnTimes:
    """Return a turn's times: the reader's own, and between them the endpoint's."""
    request = endpoint.last_request()
    return TurnTimes(
        entered_at_ms,
        1000 * request["arrived_at_epoch_s"],
        1000 * request["first_token_at_epoch_s"],
        1000 * request["last_token_at_epoch_s"],
        first_seen_at_ms,
        last_seen_at_ms,
    )


def raw_turn(endpoint: Endpoint, pace: Pace) -> TurnTimes:
    """Ask with the bare SDK, and note when its reader has the first and the last word."""
    first, last = script_turn(endpoint, pace)
    client = openai.OpenAI(api_key="k", base_url=endpoint.base_url, max_retries=0)
    seen_at_ms: dict[str, float] = {}
    started_at_ms = wall_ms()
    for text in raw_stream(client, [{"role": "user", "content": PROMPT}]):
        seen_at_ms.setdefault(text.strip(), wall_ms())
    return turn_times(endpoint, started_at_ms, seen_at_ms[first], seen_at_ms[last])


def raw_stream(client: openai.OpenAI, messages: list[Any]) -> Iterator[str]:
    """Yield an answer's pieces as the bare SDK gives them."""
    for chunk in client.chat.completions.create(model="scripted", messages=messages, stream=True):
        if chunk.choices and chunk.choices[0].delta.content:
            yield chunk.choices[0].delta.content


def wall_ms() -> float:
    """Return the time that endpoint, page and this process agree on."""
    return 1000 * time.time()
