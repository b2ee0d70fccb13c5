"""Lists of models in every form that servers send, and who is asked when none is named."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from controller.llm.discovery import build_providers
from controller.llm.discovery.local_models import LocalModels
from controller.llm.discovery.model_lists import ModelLists
from controller.llm.providers import Providers
from model.errors import ModelNotFound
from settings import Settings


class Listing(HTTPServer):
    """Answers every address with `body`, and notes which were asked."""

    body: bytes = b"{}"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Listing

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(200 if self.path.startswith("/v1/") else 404)
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def listing() -> Iterator[Listing]:
    with Listing() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def listed(listing: Listing, answer: object) -> tuple[list[str], str, Providers]:
    """Return the names that are read from an answer, and what went wrong."""
    listing.body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    providers = build_providers(Settings.from_env({"CUSTOM_BASE_URL": f"{listing.url}/v1", "LLM_PROVIDER": "custom"}))
    providers.refresh_models(providers.default)
    models = providers.models(providers.default)
    return list(models.context_windows), models.problem, providers


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        ({"object": "list", "data": [{"id": "b"}, {"id": "a"}]}, ["a", "b"]),
        ([{"id": "a"}], ["a"]),  # Together
        (["a", "b"], ["a", "b"]),
        ({"object": "list", "data": None}, []),  # Ollama without models
        ({"models": [{"name": "a:latest", "model": "a:latest"}]}, ["a:latest"]),  # Ollama's own
        ({"models": [{"name": "models/gemini-9"}]}, ["gemini-9"]),  # Google
        ({"data": [{"id": "a"}, {"name": "b"}, {"what": "c"}, None, 5, {"id": None}, {"id": " "}]}, ["a", "b"]),
        ({"data": {"a": {"context_length": 5}, "b": None}}, ["a", "b"]),
        ({"data": [{"id": "a", "context_length": "many"}, {"id": "a"}]}, ["a"]),
    ],
)
def test_a_list_is_read_in_every_form(listing: Listing, answer: object, names: list[str]):
    assert listed(listing, answer)[:2] == (names, "")


@pytest.mark.parametrize("answer", [b"<html>", b"", {"error": "no"}, 5, {"data": "none"}, b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_list_is_told(listing: Listing, answer: object):
    names, problem, _ = listed(listing, answer)
    assert names == [] and problem.startswith("Custom server did not list its models")


def test_what_a_server_writes_in_place_of_a_list_is_shown(listing: Listing):
    assert listed(listing, {"error": {"message": "No credits left."}})[1].endswith("list its models: No credits left.")


@pytest.mark.parametrize(
    ("row", "window"),
    [
        ({"context_length": "8192"}, 8192),
        ({"context_window": 1e5}, 100_000),
        ({"max_context_length": 4096}, 4096),
        ({"max_context_length": 4096, "loaded_context_length": 2048}, 2048),
        ({"max_input_tokens": 7}, 7),
        ({"meta": {"n_ctx": 5}}, 5),
        ({"context_length": -5}, None),
        ({"context_length": True}, None),
    ],
)
def test_a_window_is_read_in_every_form(listing: Listing, row: dict[str, Any], window: int | None):
    providers = listed(listing, {"data": [{"id": "a", **row}]})[2]
    assert providers.models(providers.default).context_windows == {"a": window}


@pytest.mark.parametrize(
    "other",
    [
        *("dall-e-3", "whisper-1", "tts-1-hd", "text-embedding-3-small", "omni-moderation-latest", "gpt-image-1"),
        *("BAAI/bge-m3", "a-bert-reranker", "sora-2", "babbage-002", "gpt-4o-transcribe", "nomic-embed-text", "sdxl"),
        *("stable-diffusion-3", "flux-dev", "voyage-rerank-2", "veo-3", "imagen-4", "distil-whisper-large-v3-en"),
        *(
            "all-minilm",
            "kokoro",
            "orpheus-3b",
            "parakeet-tdt",
            "sd3.5-large",
            "wan2.1-t2v",
            "kolors",
            "colbert",
            "aqa",
        ),
    ],
)
def test_a_model_that_cannot_chat_is_not_asked_first(listing: Listing, other: str):
    names, _, providers = listed(listing, {"data": [{"id": other}, {"id": "zz-chat"}]})
    assert names == ["zz-chat", other] and providers.endpoint().model_name == "zz-chat"


@pytest.mark.parametrize(
    "name", ["gpt-5", "gemma-3-4b", "llama-3.3-70b", "claude-haiku-4-5", "codestral", "o3", "Phi-4"]
)
def test_a_model_that_chats_comes_before_one_that_does_not(listing: Listing, name: str):
    assert listed(listing, {"data": [{"id": "a-embed"}, {"id": name}]})[0][0] == name


@pytest.mark.parametrize(
    ("row", "chats"),
    [
        ({"id": "x", "type": "embedding"}, False),
        ({"id": "my-flux-of-words", "type": "chat"}, True),
        ({"id": "x", "capabilities": {"completion_chat": False}}, False),
        ({"id": "x", "architecture": {"output_modalities": ["image"]}}, False),
    ],
)
def test_a_row_that_says_what_its_model_does_is_believed(listing: Listing, row: dict[str, Any], chats: bool):
    names = listed(listing, {"data": [{"id": "a-chat" if not chats else "a-embed"}, row]})[0]
    assert (names[0] == row["id"]) is chats


def test_ollama_is_found_at_its_address_without_a_path(listing: Listing):
    listing.body = b'{"data": [{"id": "qwen3:4b"}]}'
    for address in (listing.url, f"{listing.url}/", f"{listing.url}/api", f"{listing.url}/v1", listing.url[7:]):
        providers = build_providers(Settings.from_env({"OLLAMA_BASE_URL": address, "LLM_PROVIDER": "ollama"}))
        assert providers.endpoint().model_name == "qwen3:4b"
    assert set(listing.asked) == {"/v1/models"}


def test_ollama_without_models_says_how_to_get_one(listing: Listing):
    listing.body = b'{"object": "list", "data": null}'
    providers = build_providers(Settings.from_env({"OLLAMA_BASE_URL": listing.url, "LLM_PROVIDER": "ollama"}))
    with pytest.raises(ModelNotFound, match="no models yet") as caught:
        providers.endpoint()
    assert "ollama pull" in caught.value.hint


def test_an_ollama_that_is_named_and_silent_is_told():
    settings = Settings.from_env({"OLLAMA_BASE_URL": "http://127.0.0.1:9"})
    local = LocalModels(settings)
    providers = Providers(settings, local, ModelLists())
    local._probe_ollama("http://127.0.0.1:9/v1", is_named=True)
    assert any("OLLAMA_BASE_URL" in problem for problem in providers.problems)
    local._probe_ollama("http://127.0.0.1:9/v1", is_named=False)
    assert providers.problems == []
