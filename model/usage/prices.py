"""Prices: what models cost, in one table.

The prices are those of the providers' pages for plain text, in US dollars per million tokens, as of PRICES_AS_OF:
https://platform.openai.com/docs/pricing, https://docs.anthropic.com/en/docs/about-claude/pricing,
https://ai.google.dev/gemini-api/docs/pricing and https://groq.com/pricing.

It leaves out discounts, such as those for prompts that a provider still has in its cache: so a cost is the most that it
can be. A model that is not in the table has no known price, and names that move from model to model, such as
`mistral-small-latest`, are not in it on purpose. What runs on one's own machine costs nothing.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

PRICES_AS_OF = "2026-07-24"


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens; a prompt beyond `prompt_limit` tokens costs more than that."""

    prompt_usd: float
    completion_usd: float
    prompt_limit: int | None = None


FREE = Price(0, 0)
FREE_PROVIDERS = ("embedded", "ollama")

PRICES = {
    ("openai", "gpt-5"): Price(1.25, 10),
    ("openai", "gpt-5-mini"): Price(0.25, 2),
    ("openai", "gpt-5-nano"): Price(0.05, 0.40),
    ("openai", "gpt-5.1"): Price(1.25, 10),
    ("openai", "gpt-5.2"): Price(1.75, 14),
    ("openai", "gpt-4.1"): Price(2, 8),
    ("openai", "gpt-4.1-mini"): Price(0.40, 1.60),
    ("openai", "gpt-4.1-nano"): Price(0.10, 0.40),
    ("openai", "gpt-4o"): Price(2.50, 10),
    ("openai", "gpt-4o-mini"): Price(0.15, 0.60),
    ("openai", "o3"): Price(2, 8),
    ("openai", "o4-mini"): Price(1.10, 4.40),
    ("anthropic", "claude-haiku-4-5"): Price(1, 5),
    ("anthropic", "claude-sonnet-4"): Price(3, 15, prompt_limit=200_000),
    ("anthropic", "claude-sonnet-4-5"): Price(3, 15, prompt_limit=200_000),
    ("anthropic", "claude-opus-4-1"): Price(15, 75),
    ("anthropic", "claude-opus-4-5"): Price(5, 25),
    ("google", "gemini-2.5-pro"): Price(1.25, 10, prompt_limit=200_000),
    ("google", "gemini-2.5-flash"): Price(0.30, 2.50),
    ("google", "gemini-2.5-flash-lite"): Price(0.10, 0.40),
    ("groq", "llama-3.3-70b-versatile"): Price(0.59, 0.79),
    ("groq", "llama-3.1-8b-instant"): Price(0.05, 0.08),
    ("groq", "openai/gpt-oss-120b"): Price(0.15, 0.60),
}

# One model as it was on a day: gpt-4o-2024-08-06, claude-sonnet-4-5-20250929.
_DATE = re.compile(r"-20\d\d-?[01]\d-?[0-3]\d$")


def cost_usd(
    provider: str, model_name: str, prompt_token_count: int, completion_token_count: int, moved: Collection[str] = ()
) -> float | None:
    """Return what tokens cost; None where the price is not known.

    `moved` are providers that are asked at another address: whoever answers there makes the price.
    """
    price = FREE if provider in FREE_PROVIDERS else PRICES.get((provider, _DATE.sub("", model_name)))
    if price is None or provider in moved or prompt_token_count > (price.prompt_limit or prompt_token_count):
        return None
    return (prompt_token_count * price.prompt_usd + completion_token_count * price.completion_usd) / 1e6
