"""Which models take pictures."""

import pytest

from model.providers.provider import EMBEDDED, PROVIDERS, sees


@pytest.mark.parametrize(
    "name",
    [
        "gpt-5-mini",
        "gpt-4o-mini",
        "o3",
        "o4-mini",
        "claude-haiku-4-5",
        "anthropic/claude-sonnet-4",
        "gemini-2.5-flash",
        "mistral-small-latest",
        "meta-llama/llama-4-scout-17b-16e-instruct",
        "llama3.2-vision:11b",
        "qwen2.5vl:7b",
        "Qwen/Qwen3-VL-8B-Instruct",
        "gemma3:4b",
        "llava:13b",
        "SmolVLM2-500M-Instruct",
    ],
)
def test_models_that_take_pictures_are_known_by_name(name: str):
    assert sees(name)


@pytest.mark.parametrize(
    "name",
    [
        "SmolLM2-135M-Instruct",
        "llama-3.3-70b-versatile",
        "llama3.2:3b",
        "o3-mini",
        "gpt-3.5-turbo",
        "gpt-4o-audio-preview",
        "openai/gpt-oss-120b",
        "deepseek-r1",
        "qwen3:8b",
        "gemma3:1b",
        "codestral-latest",
        "scripted",
        "",
    ],
)
def test_others_are_not_taken_for_one(name: str):
    assert not sees(name)


def test_the_embedded_model_never_sees_whatever_the_file_is_called():
    assert not EMBEDDED.sees("llava", {"llava": True})


def test_a_person_can_say_what_a_model_sees():
    custom = next(row for row in PROVIDERS if row.name == "custom")
    assert not custom.sees("mine", {}) and custom.sees("mine", {"mine": True})
    assert custom.sees("llava", {"mine": False}) and not custom.sees("llava", {"llava": False})


def test_most_providers_default_models_see():
    seeing = {row.name for row in PROVIDERS if row.sees(row.default_model, {})}
    assert seeing == {"openai", "anthropic", "google", "mistral"}
