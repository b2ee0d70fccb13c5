"""Prices: what models cost, from the list that comes with genai-prices.

A cost leaves out discounts, such as those for prompts that a provider still has in its cache: it is the most that it
can be. A model that is not in the list has no known price. What runs on one's own machine costs nothing.
"""

from collections.abc import Collection
from functools import lru_cache

PRICES_AS_OF = "November 2026"  # when the version of genai-prices in requirements.txt was released
FREE_PROVIDERS = ("embedded", "ollama")


def cost_usd(
    provider: str,
    model_name: str,
    prompt_token_count: int,
    completion_token_count: int,
    moved: Collection[str] = (),
    request_count: int = 1,
) -> float | None:
    """Return what tokens cost; None where the price is not known.

    `moved` are providers that are asked at another address: whoever answers there makes the price. Several requests
    cost what as many of their mean size do, because long prompts are dearer.
    """
    if provider in moved:
        return None
    if provider in FREE_PROVIDERS:
        return 0.0
    count = max(1, request_count)
    each_usd = _listed_usd(provider, model_name, prompt_token_count / count, completion_token_count / count)
    return None if each_usd is None else each_usd * count


@lru_cache(10_000)
def _listed_usd(
    provider: str, model_name: str, prompt_token_count: float, completion_token_count: float
) -> float | None:
    # Imported here: its list takes a moment, and few pages need it.
    from genai_prices import Usage, calc_price

    usage = Usage(input_tokens=prompt_token_count, output_tokens=completion_token_count)
    try:
        return float(calc_price(usage, model_ref=model_name, provider_id=provider).total_price)
    except LookupError:
        return None
