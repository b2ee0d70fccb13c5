"""GGUF files made in tests: a true header, and no weights."""

import struct
from pathlib import Path
from typing import Any

TOOL_TEMPLATE = "{% if tools %}{{ tools }}{% endif %}{% for message in messages %}{{ message.content }}{% endfor %}"
PLAIN_TEMPLATE = "{% for message in messages %}{{ message.content }}{% endfor %}"
LLAMA: dict[str, Any] = {
    "general.architecture": "llama",
    "general.name": "Tiny",
    "llama.context_length": 32_768,
    "llama.block_count": 30,
    "llama.embedding_length": 576,
    "llama.attention.head_count": 9,
    "llama.attention.head_count_kv": 3,
    "tokenizer.chat_template": TOOL_TEMPLATE,
}


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def typed(value: Any) -> bytes:
    if isinstance(value, str):
        return struct.pack("<I", 8) + text(value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    if isinstance(value, list):
        kind = 8 if value and isinstance(value[0], str) else 4
        items = b"".join(text(item) if kind == 8 else struct.pack("<I", item) for item in value)
        return struct.pack("<IIQ", 9, kind, len(value)) + items
    return struct.pack("<II", 4, value)


def header(pairs: dict[str, Any], parameter_count: int = 4_000_000_000) -> bytes:
    """Return the bytes of a file with these pairs, and one tensor of so many numbers."""
    written = b"".join(text(key) + typed(value) for key, value in pairs.items())
    tensor = text("all") + struct.pack("<IQIQ", 1, parameter_count, 0, 0)
    return b"GGUF" + struct.pack("<IQQ", 3, 1, len(pairs)) + written + tensor


def write_gguf(path: Path, parameter_count: int = 4_000_000_000, **changed: Any) -> Path:
    """Write a file as `LLAMA` has it, with these pairs changed: a dot is written as two underscores."""
    pairs = LLAMA | {key.replace("__", "."): value for key, value in changed.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header({key: value for key, value in pairs.items() if value is not None}, parameter_count))
    return path
