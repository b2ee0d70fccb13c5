"""The header of a GGUF file: what a model is, and what it takes, without loading it.

Only the header is read, and nothing in it is believed: a count that can't be, a text that is too long, or an end that
comes too soon is told as a ValueError.
Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

MAGIC, VERSIONS = b"GGUF", (2, 3)
MOST_PAIRS, MOST_TENSORS, MOST_DIMENSIONS = 10_000, 100_000, 8
MOST_ITEMS = 5_000_000  # of a list: the largest vocabularies have 300,000 tokens
MOST_TEXT_BYTES = 1 << 20
MOST_PARAMETERS = 10**13
_TEXT, _LIST = 8, 9
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}


@dataclass(frozen=True)
class GgufHeader:
    """What a file tells of its model; a number that it does not tell is 0."""

    architecture: str
    name: str
    kind: str  # “model” in nearly all; “mmproj”, “adapter” ...
    chat_template: str
    context_length: int  # tokens
    parameter_count: int
    layer_count: int
    kv_width: int  # numbers that one layer keeps for one token, in its keys and values together
    pooling: int  # above 0 in models that compare texts
    part_count: int  # above 1 where the model is split into several files

    @property
    def chats(self) -> bool:
        """Return whether the model answers questions; others compare texts, see for another model, or adapt one."""
        return self.kind == "model" and self.pooling <= 0 and bool(self.chat_template)

    @property
    def knows_tools(self) -> bool:
        """Return whether the model's template has a place for tools."""
        return "tools" in self.chat_template

    def kv_bytes(self, tokens: int) -> int:
        """Return how much memory so many tokens of a conversation take, at 16 bits a number."""
        return self.layer_count * self.kv_width * tokens * 2


def read_header(path: Path) -> GgufHeader:
    """Return what a file's header tells.

    Raises: OSError; ValueError when it is no GGUF file, is damaged, or is of another version.
    """
    with path.open("rb") as file:
        if path.stat().st_size < 24:
            raise ValueError("it is too short")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                return _header(_Reader(data))
            except struct.error as error:
                raise ValueError("its header is cut off") from error


class _Reader:
    """Reads one value after the other."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data, self._at = data, 0

    def number(self, form: str) -> Any:
        (value,) = struct.unpack_from(f"<{form}", self._data, self._at)
        self._at += struct.calcsize(f"<{form}")
        return value

    def count(self, most: int) -> int:
        """Return how many there are of something. Raises: ValueError when that can't be."""
        count: int = self.number("Q")
        if count > most:
            raise ValueError("its header tells a count that can't be")
        return count

    def bytes(self, size_bytes: int) -> bytes:
        if self._at + size_bytes > len(self._data):
            raise ValueError("its header is cut off")
        self._at += size_bytes
        return self._data[self._at - size_bytes : self._at]

    def text(self) -> str:
        return self.bytes(self.count(MOST_TEXT_BYTES)).decode("utf-8", "replace")

    def value(self, kind: int) -> Any:
        """Return a number or a text; a list is passed over, but for its length. Raises: ValueError."""
        if kind == _TEXT:
            return self.text()
        if kind == _LIST:
            return self._list()
        if kind not in _NUMBERS:
            raise ValueError("its header holds what no GGUF file has")
        return self.number(_NUMBERS[kind])

    def _list(self) -> list[int]:
        """Return a list of numbers, which some models have for each layer; nothing of others, nor of long ones."""
        kind, count = self.number("I"), self.count(MOST_ITEMS)
        if kind in _NUMBERS:
            size_bytes = struct.calcsize(f"<{_NUMBERS[kind]}") * count
            data = self.bytes(size_bytes)
            return list(struct.unpack(f"<{count}{_NUMBERS[kind]}", data)) if count <= 1000 else []
        if kind != _TEXT:
            raise ValueError("its header holds a list of what no list holds")
        for _ in range(count):
            self._skip_text()
        return []

    def _skip_text(self) -> None:
        (size_bytes,) = _LENGTH.unpack_from(self._data, self._at)
        if size_bytes > MOST_TEXT_BYTES:
            raise ValueError("its header tells a count that can't be")
        self._at += 8 + size_bytes


_LENGTH = struct.Struct("<Q")


def _header(reader: _Reader) -> GgufHeader:
    if reader.bytes(4) != MAGIC:
        raise ValueError("it is no GGUF file")
    if reader.number("I") not in VERSIONS:
        raise ValueError("it is of a version that is not known here")
    tensor_count, pair_count = reader.count(MOST_TENSORS), reader.count(MOST_PAIRS)
    pairs = {reader.text(): reader.value(reader.number("I")) for _ in range(pair_count)}
    parameter_count = sum(_tensor_sizes(reader, tensor_count))
    return _told(pairs, min(parameter_count, MOST_PARAMETERS))


def _tensor_sizes(reader: _Reader, count: int) -> Iterator[int]:
    """Yield how many numbers each tensor has."""
    for _ in range(count):
        reader.text()
        dimension_count = reader.number("I")
        if dimension_count > MOST_DIMENSIONS:
            raise ValueError("its header tells a count that can't be")
        yield prod(reader.number("Q") for _ in range(dimension_count))
        reader.number("I")  # its type
        reader.number("Q")  # and where it stands


def _told(pairs: dict[str, Any], parameter_count: int) -> GgufHeader:
    architecture = _text(pairs, "general.architecture")
    if not architecture:
        raise ValueError("it does not tell what model it holds")

    def number(name: str) -> int:
        return _number(pairs.get(f"{architecture}.{name}"))

    heads = number("attention.head_count")
    head_width = number("embedding_length") // heads if heads else 0
    kv_heads = number("attention.head_count_kv") or heads
    widths = (number("attention.key_length") or head_width) + (number("attention.value_length") or head_width)
    return GgufHeader(
        architecture,
        _text(pairs, "general.name"),
        _text(pairs, "general.type") or "model",
        _text(pairs, "tokenizer.chat_template"),
        number("context_length"),
        parameter_count,
        number("block_count"),
        kv_heads * widths,
        number("pooling_type"),
        _number(pairs.get("split.count")),
    )


def _text(pairs: dict[str, Any], key: str) -> str:
    return value if isinstance(value := pairs.get(key), str) else ""


def _number(value: Any) -> int:
    """Return a whole number, the largest where there is one for each layer; 0 for anything else."""
    if isinstance(value, list):
        return max(map(_number, value), default=0)
    return value if type(value) is int and 0 < value < 1 << 40 else 0
