"""Settings: read from a dictionary, never raising, never showing a key."""

from pathlib import Path

import pytest

from settings import ROOT, VARIABLES, Settings
from tests.conftest import SECRET


def test_nothing_set_is_fine():
    settings = Settings.from_env({})
    assert settings.llm_provider == ""
    assert settings.conversations_file == ROOT / "conversations.json"
    assert settings.problems == ()


def test_keys_are_hidden_in_a_repr():
    settings = Settings.from_env({"GROQ_API_KEY": SECRET})
    assert settings.provider_values["GROQ_API_KEY"] == SECRET
    assert SECRET not in repr(settings)


@pytest.mark.parametrize("value", ["abc", "-1", "0", "nan", "inf", "1e400"])
def test_a_value_that_is_no_number_is_told_and_the_default_stands_in(value: str):
    settings = Settings.from_env({"LLM_TIMEOUT_S": value})
    assert settings.llm_timeout_s == 60
    assert "LLM_TIMEOUT_S" in settings.problems[0] and value in settings.problems[0]


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    env_file = tmp_path / ".env"
    env_file.write_text("LLM_MODEL=from-file\nLLM_PROVIDER=groq\n")
    monkeypatch.delenv("LLM_PROVIDER")
    monkeypatch.setenv("LLM_MODEL", "from-environment")
    settings = Settings.load(env_file)
    assert (settings.llm_provider, settings.llm_model) == ("groq", "from-environment")


def test_the_example_names_every_variable():
    example = (ROOT / ".env.example").read_text()
    assert [v.name for v in VARIABLES if f"{v.name}=" not in example] == []


def test_an_engine_without_an_address_and_one_that_nobody_knows_are_told():
    assert "SEARXNG_URL" in Settings.from_env({"WEB_SEARCH": "searxng"}).problems[0]
    assert Settings.from_env({"WEB_SEARCH": "searxng", "SEARXNG_URL": "http://a.test"}).problems == ()
    settings = Settings.from_env({"WEB_SEARCH": "altavista"})
    assert settings.web_search == "ddgs" and "altavista" in settings.problems[0]
