"""Fixtures for local models: a scripted hub, a scripted Ollama, and a library that fetches from both."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.stages.models import downloads
from controller.stages.models.library import ModelLibrary
from settings import Settings
from tests.hub_server import HubServer
from tests.ollama_server import OllamaServer


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        yield server


@pytest.fixture
def ollama() -> Iterator[OllamaServer]:
    with OllamaServer() as server:
        yield server


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing wait before it is tried again."""
    monkeypatch.setattr(downloads, "RETRY_WAITS_S", (0.0,))


@pytest.fixture
def build(hub: HubServer, ollama: OllamaServer, tmp_path: Path) -> Callable[..., ModelLibrary]:
    """Return what opens the library, as each start of the program does."""

    def build_it(**more: str) -> ModelLibrary:
        environ = {
            "MODELS_DIR": str(tmp_path / "hub"),
            "HF_ENDPOINT": hub.endpoint,
            "HF_TOKEN": "hf_very_secret",
            "OLLAMA_BASE_URL": ollama.url,
        }
        return ModelLibrary(Settings.from_env(environ | more))

    return build_it


@pytest.fixture
def library(build: Callable[..., ModelLibrary]) -> ModelLibrary:
    return build()
