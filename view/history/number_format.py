"""Figures in words: tokens, dollars and seconds."""

from model.providers.provider import PROVIDERS
from model.providers.usage import Totals
from utils.text.words import counted

DASH = "—"
NO_PRICE = "not known"


def provider_title(name: str | None) -> str:
    """Return a provider's title; its name where no row has it, as in conversations of a newer version."""
    return next((row.title for row in PROVIDERS if row.name == name), name or "")


def about(text: str, is_estimated: bool) -> str:
    """Mark what not the provider has counted, but we."""
    return f"about {text}" if is_estimated else text


def seconds(duration_s: float | None) -> str:
    return DASH if duration_s is None else f"{duration_s:,.2f} s"


def dollars(cost_usd: float | None) -> str:
    if cost_usd is None:
        return NO_PRICE
    if cost_usd == 0:
        return "free"
    if cost_usd < 0.0001:
        return "under $0.0001"
    return f"${cost_usd:.4f}" if cost_usd < 1 else f"${cost_usd:,.2f}"


def total_taken(totals: Totals) -> str:
    """Return tokens, images and cost in a line; what there is none of is left out."""
    images = counted(totals.image_count, "image") if totals.image_count else ""
    tokens = total_tokens(totals) if totals.prompt_token_count or not images else ""
    cost = total_cost(totals)
    return " · ".join(filter(None, (tokens, images, cost if cost != NO_PRICE else "")))


def total_tokens(totals: Totals) -> str:
    """Return how many tokens these are together."""
    return about(counted(totals.prompt_token_count + totals.completion_token_count, "token"), totals.is_estimated)


def total_cost(totals: Totals) -> str:
    """Return what they cost; "more than" where the price of some is not known."""
    if totals.is_cost_whole or not totals.cost_usd:
        cost = totals.cost_usd if totals.is_cost_whole else None
        return about(dollars(cost), totals.is_estimated and bool(cost))
    return f"more than {dollars(totals.cost_usd)}"
