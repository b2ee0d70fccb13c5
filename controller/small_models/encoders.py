"""Who makes the vectors of passages: the small model on this machine, or one of the provider's, where wished."""

import re
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from controller.llm.error_mapping import translated
from controller.llm.providers import Providers
from controller.llm.wire import build_openai
from controller.resources import Resources, built_per_process
from utils.retrieval.embeddings import Encoder, Vectors
from utils.threads.once import once

AT_ONCE = 64


class Encoding(Protocol):
    """What an encoder can do."""

    name: str

    @property
    def size(self) -> int:
        """Return how many numbers a vector has."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a vector of length 1 for each text."""


class ProviderEncoder:
    """A provider's model; texts leave the machine. Tokens are counted as the small model counts."""

    def __init__(self, providers: Providers, model_name: str) -> None:
        self.providers, self.model_name = providers, model_name
        self.name = re.sub(r"[^a-z0-9-]+", "-", model_name.lower())

    @once
    def size(self) -> int:
        """Return how many numbers its vectors have; it is asked once."""
        return int(self.encode(["size"]).shape[1])

    @once
    def _counter(self) -> Encoder:
        return Encoder()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return about how many tokens each text has."""
        return self._counter.count_tokens(texts)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a vector of length 1 for each text. Raises: BnaError."""
        endpoint = self.providers.endpoint()
        rows: list[list[float]] = []
        for begin in range(0, len(texts), AT_ONCE):
            some = list(texts[begin : begin + AT_ONCE])
            with self.providers.line(endpoint) as line, translated(endpoint):
                reply = build_openai(endpoint, line).embeddings.create(
                    model=self.model_name, input=some, encoding_format="float"
                )
            rows += [row.embedding for row in sorted(reply.data, key=lambda row: row.index)]
        vectors = np.array(rows, np.float32)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors


def encoder_of(providers: Providers) -> Encoding:
    model_name = providers.settings.embedding_model
    return ProviderEncoder(providers, model_name) if model_name else Encoder()


@built_per_process
def local_encoder(resources: Resources) -> Encoding:
    """Return the encoder on this machine, one for all stages and all people: its weights take 90 MB."""
    del resources
    return Encoder()


@built_per_process
def shared_encoder(resources: Resources) -> Encoding:
    """Return the encoder that the settings name, else the one on this machine."""
    has_named = bool(resources.settings.embedding_model)
    return encoder_of(resources.providers) if has_named else local_encoder(resources)
