"""What is changed while bnaGPT runs: it goes into `.env`, counts from the next turn on, and is told by no error."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.people.own_settings import CHANGEABLE, ask_for_a_word, change
from model.errors import InputError, MissingKey, StoreUnwritable
from settings import Settings, SignIn
from tests.conftest import SECRET
from tests.scripted_server import Reply, ScriptedServer


@pytest.fixture
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in CHANGEABLE:
        monkeypatch.delenv(name, raising=False)
    return tmp_path / ".env"


@pytest.fixture
def load(env_file: Path) -> Callable[[], Providers]:
    return lambda: build_providers(Settings.load(env_file))


def test_a_key_counts_at_once_wherever_the_app_runs(load, env_file: Path):
    here, elsewhere = load(), load()
    assert here.default.is_built_in
    change(here.settings, {"MISTRAL_API_KEY": SECRET})
    assert [providers.default.name for providers in (here, elsewhere)] == ["mistral"] * 2
    assert env_file.read_text() == f"MISTRAL_API_KEY={SECRET}\n"
    change(elsewhere.settings, {"MISTRAL_API_KEY": ""})
    assert here.default.is_built_in and SECRET not in env_file.read_text()


def test_what_is_written_by_hand_counts_too(load, env_file: Path):
    providers = load()
    env_file.write_text("GROQ_API_KEY=k\nASK_BEFORE_TOOLS=yes\n")
    assert providers.default.name == "groq" and providers.settings.ask_before_tools


def test_what_is_built_upon_stays_as_it_was_at_the_start(load, env_file: Path):
    providers = load()
    file = providers.settings.conversations_file
    env_file.write_text("CONVERSATIONS_FILE=elsewhere.json\nSIGN_IN=oidc\nGROQ_API_KEY=k\n")
    assert providers.default.name == "groq"
    assert (providers.settings.conversations_file, providers.settings.sign_in) == (file, SignIn())


def test_another_key_may_have_other_models(
    load, env_file: Path, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    env_file.write_text("OPENAI_API_KEY=a\n")
    providers = load()
    providers.refresh_models(providers.default)
    assert providers.models(providers.default).context_windows
    change(providers.settings, {"OPENAI_API_KEY": "b"})
    providers.refresh_models(providers.default)
    assert [one.headers["authorization"] for one in server.models_requests][-1] == "Bearer b"


def test_what_the_environment_sets_is_named_and_stays(load, env_file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GROQ_API_KEY", "from-environment")
    with pytest.raises(InputError, match="GROQ_API_KEY is set in the environment, which wins"):
        change(load().settings, {"GROQ_API_KEY": SECRET})
    assert not env_file.exists()


@pytest.mark.parametrize(
    "value", [f"{SECRET}\nLLM_MODEL=x", f"{SECRET}ä", "x" * 5000, f"{SECRET} {SECRET}", "${HOME}k"]
)
def test_what_can_be_no_key_is_refused_and_not_repeated(load, env_file: Path, value: str):
    with pytest.raises(InputError) as caught:
        change(load().settings, {"GROQ_API_KEY": value})
    assert not env_file.exists()
    assert value not in str(caught.value) + caught.value.hint and SECRET not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize("value", [f" {SECRET}\n", f'"{SECRET}"', f"{SECRET}\u200b"])
def test_what_copying_leaves_around_a_key_goes(load, value: str):
    providers = load()
    change(providers.settings, {"GROQ_API_KEY": value})
    assert providers.settings.provider_values["GROQ_API_KEY"] == SECRET


def test_a_name_with_a_line_break_and_an_address_that_is_none_are_refused(load):
    settings = load().settings
    with pytest.raises(InputError, match="LLM_MODEL has to be one line"):
        change(settings, {"LLM_MODEL": "a\nGROQ_API_KEY=k"})
    with pytest.raises(InputError, match="CUSTOM_BASE_URL is no web address"):
        change(settings, {"CUSTOM_BASE_URL": "no address"})
    with pytest.raises(InputError, match="CONVERSATIONS_FILE can't be changed while"):
        change(settings, {"CONVERSATIONS_FILE": "x"})


def test_who_signs_in_changes_nothing(load, env_file: Path):
    settings = replace(load().settings, sign_in=SignIn("oidc"))
    with pytest.raises(InputError, match="only whoever runs bnaGPT"):
        change(settings, {"GROQ_API_KEY": SECRET})
    assert not env_file.exists()


def test_a_file_that_can_not_be_written_is_told(load, env_file: Path):
    env_file.mkdir()
    with pytest.raises(StoreUnwritable, match="can't be written") as caught:
        change(load().settings, {"GROQ_API_KEY": SECRET})
    assert SECRET not in str(caught.value) + caught.value.hint


def test_one_small_request_tells_whether_a_key_works(
    load, env_file: Path, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("MISTRAL_BASE_URL", server.base_url)
    env_file.write_text(f"MISTRAL_API_KEY={SECRET}\n")
    providers = load()
    server.script(Reply("OK"), Reply(status=401, error_message=f"Wrong key {SECRET}"))
    told = ask_for_a_word(providers, providers.default)
    assert told.startswith("Mistral works: mistral-small-latest answered in ")
    assert server.requests[0].headers["authorization"] == f"Bearer {SECRET}"
    with pytest.raises(MissingKey, match="Mistral does not accept the key") as caught:
        ask_for_a_word(providers, providers.default)
    assert SECRET not in str(caught.value) + caught.value.hint
