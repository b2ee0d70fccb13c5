"""Who can answer: by the keys that are set, and what their servers say."""

import pytest

from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from model.errors import MissingKey, ProviderUnreachable
from model.providers.provider import PROVIDERS, Provider
from settings import Settings
from tests.scripted_server import ScriptedServer
from tests.waiting import wait_until


def row(name: str) -> Provider:
    return next(provider for provider in PROVIDERS if provider.name == name)


def built(**environ: str) -> Providers:
    return build_providers(Settings.from_env({"OLLAMA_BASE_URL": "http://127.0.0.1:9/v1"} | environ))


def names(providers: Providers) -> list[str]:
    return [provider.name for provider in providers.offered()]


def test_with_nothing_configured_the_embedded_model_answers():
    assert built().default.name == "embedded"
    assert names(built()) == ["embedded"]


def test_a_key_makes_its_provider_the_default():
    assert built(GROQ_API_KEY="k").default.name == "groq"
    assert names(built(GROQ_API_KEY="k")) == ["groq", "embedded"]


def test_several_keys_are_all_offered():
    assert names(built(OPENAI_API_KEY="k", GROQ_API_KEY="k")) == ["groq", "openai", "embedded"]


def test_llm_provider_chooses_among_them():
    assert built(OPENAI_API_KEY="k", GROQ_API_KEY="k", LLM_PROVIDER="openai").default.name == "openai"
    assert built(GROQ_API_KEY="k", LLM_PROVIDER="embedded").default.name == "embedded"


def test_an_unknown_provider_is_told_and_another_stands_in():
    providers = built(LLM_PROVIDER="nonsense")
    assert providers.default.name == "embedded"
    assert "nonsense" in providers.problems[0]


def test_a_running_ollama_is_offered(server: ScriptedServer):
    providers = built(OLLAMA_BASE_URL=server.base_url)
    wait_until(lambda: "ollama" in names(providers))
    assert names(providers) == ["embedded", "ollama"]


def test_a_custom_server_needs_no_key_and_takes_its_first_model(server: ScriptedServer):
    server.models[:] = ["first", "second"]
    endpoint = built(CUSTOM_BASE_URL=server.base_url).endpoint()
    assert (endpoint.provider.name, endpoint.model_name, endpoint.key) == ("custom", "first", "")


def test_a_custom_server_without_an_address_is_told():
    with pytest.raises(ProviderUnreachable, match="has no address"):
        built(LLM_PROVIDER="custom").endpoint()


def test_a_missing_key_names_its_variable():
    with pytest.raises(MissingKey) as caught:
        built(LLM_PROVIDER="groq").endpoint()
    assert "GROQ_API_KEY" in caught.value.hint


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://127.0.0.1:1/", "http://127.0.0.1:1/openai/v1"])
def test_groq_takes_its_address_with_and_without_the_path(url: str):
    endpoint = built(GROQ_API_KEY="k", GROQ_BASE_URL=url).endpoint()
    assert endpoint.base_url == "http://127.0.0.1:1/openai/v1"


def test_models_are_listed_as_the_server_answers(providers: Providers, server: ScriptedServer):
    server.models[:] = ["b-model", "a-model"]
    providers.refresh_models(row("openai"))
    assert list(providers.models(row("openai")).context_windows) == ["a-model", "b-model"]


def test_the_first_look_does_not_wait_and_the_list_comes_in_the_background(
    providers: Providers, server: ScriptedServer
):
    server.models[:] = ["later"]
    assert providers.models(row("openai")).context_windows == {}
    wait_until(lambda: providers.models(row("openai")).context_windows)
    assert list(providers.models(row("openai")).context_windows) == ["later"]


def test_a_failing_list_keeps_the_old_one_and_tells(providers: Providers, server: ScriptedServer):
    server.models[:] = ["kept"]
    providers.refresh_models(row("openai"))
    server.models_status = 500
    providers.refresh_models(row("openai"))
    models = providers.models(row("openai"))
    assert list(models.context_windows) == ["kept"]
    assert "did not list its models" in models.problem
    assert providers.endpoint().model_name == "scripted"


def test_a_missing_model_file_is_told():
    with pytest.raises(ProviderUnreachable, match="could not be loaded") as caught:
        built(LOCAL_MODEL_PATH="/nowhere/model.gguf").endpoint()
    assert "LOCAL_MODEL_PATH" in caught.value.hint
