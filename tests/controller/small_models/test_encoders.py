"""Vectors of a provider's model: asked for some at a time, put in order, made as long as ours."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from controller.llm.discovery import build_providers
from controller.small_models.encoders import AT_ONCE, ProviderEncoder, encoder_of
from controller.stages.chatbot_with_memory import MemoryController
from controller.stages.documents.indexing import indexing_queue
from model.errors import BnaError
from settings import Settings
from utils.local_models.server import LocalServer
from utils.retrieval.embeddings import FOLDER, Encoder
from view.app import RunningApp, build_resources


class Embedder(BaseHTTPRequestHandler):
    """Answers with vectors that tell the length of each text, in the wrong order."""

    asked: list[dict[str, Any]] = []

    def do_POST(self) -> None:
        """Answer, or refuse the model “none”."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(body)
        rows = [{"index": n, "embedding": [float(len(text)), 1.0]} for n, text in enumerate(body["input"])]
        data = json.dumps({"object": "list", "model": "m", "data": rows[::-1], "usage": {}}).encode()
        self.send_response(404 if body["model"] == "none" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Embedder)
    server.daemon_threads = True
    Embedder.asked = []
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    server.shutdown()
    server.server_close()


def encoder_at(url: str, model_name: str) -> ProviderEncoder:
    values = {"LLM_PROVIDER": "openai", "OPENAI_API_KEY": "sk-x", "OPENAI_BASE_URL": url, "LLM_MODEL": "m"}
    encoder = encoder_of(build_providers(Settings.from_env(values | {"EMBEDDING_MODEL": model_name})))
    assert isinstance(encoder, ProviderEncoder)
    return encoder


def test_vectors_come_in_the_order_of_the_texts_and_have_length_one(url: str):
    encoder = encoder_at(url, "text-embedding-3-small")
    texts = ["x" * n for n in range(1, AT_ONCE + 3)]
    vectors = encoder.encode(texts)
    assert [len(body["input"]) for body in Embedder.asked] == [AT_ONCE, 2]
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(vectors[:, 0] / vectors[:, 1], range(1, AT_ONCE + 3), rtol=1e-4)
    assert encoder.size == 2


def test_its_name_tells_its_vectors_from_others_and_is_no_path(url: str):
    assert encoder_at(url, "../Text/Embedding 3").name == "-text-embedding-3"
    assert encoder_at(url, "a").name != Encoder.name


def test_a_provider_without_this_model_is_told_in_a_sentence(url: str):
    with pytest.raises(BnaError):
        encoder_at(url, "none").encode(["x"])


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the encoder's weights are not installed; `make install`")
def test_without_a_wish_the_encoder_on_this_machine_is_taken():
    assert isinstance(encoder_of(build_providers(Settings.from_env({}))), Encoder)


def test_the_app_has_one_set_of_providers_and_one_server_for_the_embedded_model(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EMBEDDING_MODEL", "text-embedding-3-small")
    monkeypatch.setenv("LLM_PROVIDER", "custom")  # which needs no warming
    made: list[LocalServer] = []

    def build(*arguments: Any) -> LocalServer:
        made.append(LocalServer(*arguments))
        return made[-1]

    monkeypatch.setattr("controller.llm.discovery.local_models.LocalServer", build)
    parts = RunningApp().services_of()
    encoder = indexing_queue(parts.resources).encoder
    assert isinstance(encoder, ProviderEncoder) and encoder.providers is parts.providers
    assert len(made) == 1


def test_a_controller_of_its_own_has_its_providers_everywhere():
    providers = build_providers(Settings.from_env({"EMBEDDING_MODEL": "text-embedding-3-small"}))
    encoder = indexing_queue(MemoryController(build_resources(providers)).resources).encoder
    assert isinstance(encoder, ProviderEncoder) and encoder.providers is providers
