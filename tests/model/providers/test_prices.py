"""What models cost: what is published, and nothing that is guessed."""

from importlib.metadata import version

import pytest

from model.providers.prices import PRICES_AS_OF, cost_usd
from model.providers.provider import PROVIDERS


def test_a_cost_is_tokens_times_price():
    assert cost_usd("openai", "gpt-5-mini", 1_000_000, 0) == pytest.approx(0.25)
    assert cost_usd("openai", "gpt-5-mini", 0, 1_000_000) == pytest.approx(2.00)
    assert cost_usd("anthropic", "claude-haiku-4-5", 1000, 200) == pytest.approx(0.002)


@pytest.mark.parametrize("provider", ["embedded", "ollama"])
def test_what_runs_on_ones_own_machine_costs_nothing(provider: str):
    assert cost_usd(provider, "any", 1_000_000, 1_000_000) == 0


@pytest.mark.parametrize("model_name", ["gpt-4o-2024-08-06", "gpt-4o-20240806"])
def test_a_model_as_it_was_on_a_day_costs_what_the_model_does(model_name: str):
    assert cost_usd("openai", model_name, 1000, 1000) == cost_usd("openai", "gpt-4o", 1000, 1000)


@pytest.mark.parametrize(
    ("provider", "model_name"),
    [
        ("openai", "gpt-5-mini-2025"),
        ("openai", "gpt-6"),
        ("openrouter", "gpt-5-mini"),
        ("custom", "gpt-5-mini"),
        ("", ""),
    ],
)
def test_an_unknown_price_is_no_number(provider: str, model_name: str):
    assert cost_usd(provider, model_name, 1000, 1000) is None


def test_at_another_address_the_price_is_unknown():
    assert cost_usd("openai", "gpt-5-mini", 1000, 1000, moved={"openai"}) is None


def test_long_prompts_cost_more_but_many_short_ones_do_not():
    assert cost_usd("google", "gemini-2.5-pro", 200_000, 0) == pytest.approx(0.25)
    assert cost_usd("google", "gemini-2.5-pro", 400_000, 0) == pytest.approx(1.00)
    assert cost_usd("google", "gemini-2.5-pro", 400_000, 0, request_count=2) == pytest.approx(0.50)


def test_the_date_is_that_of_the_version_that_is_pinned():
    assert (version("genai-prices"), PRICES_AS_OF) == ("0.2.3", "November 2026")


def test_default_models_have_a_price_unless_they_are_chosen_elsewhere():
    unpriced = ("openrouter", "custom")
    named = [row for row in PROVIDERS if row.name not in unpriced]
    assert [row.name for row in named if cost_usd(row.name, row.default_model, 1, 1) is None] == []
