"""The header of a GGUF file is read, and nothing in it is believed."""

import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.providers.embedded import EMBEDDED_MODELS
from tests.gguf_files import LLAMA, PLAIN_TEMPLATE, header, write_gguf
from utils.local_models.gguf import read_header

WHOLE = header(LLAMA)


def test_it_tells_what_the_model_is_and_takes(tmp_path: Path):
    found = read_header(write_gguf(tmp_path / "a.gguf", 135_000_000))
    assert (found.architecture, found.name, found.context_length) == ("llama", "Tiny", 32_768)
    assert (found.parameter_count, found.layer_count) == (135_000_000, 30)
    assert found.chats and found.knows_tools
    assert found.kv_bytes(1) == 30 * (3 * 64 * 2) * 2  # layers, heads x width x keys and values, 16 bits


def test_a_template_without_tools_knows_none(tmp_path: Path):
    assert not read_header(write_gguf(tmp_path / "a.gguf", tokenizer__chat_template=PLAIN_TEMPLATE)).knows_tools


@pytest.mark.parametrize(
    "changed",
    [
        {"tokenizer__chat_template": None},
        {"llama__pooling_type": 1},
        {"llama__pooling_type": 4},
        {"general__type": "mmproj"},
        {"general__type": "adapter"},
    ],
)
def test_what_does_not_chat_is_known(tmp_path: Path, changed: dict[str, Any]):
    assert not read_header(write_gguf(tmp_path / "a.gguf", **changed)).chats


def test_lists_are_passed_over_and_numbers_for_each_layer_count_by_the_largest(tmp_path: Path):
    tokens = [f"token {number}" for number in range(5000)]
    path = write_gguf(
        tmp_path / "a.gguf", general__tags=tokens, llama__attention__head_count_kv=[3, 0, 3], general__weight=0.5
    )
    assert read_header(path).kv_bytes(1) == 30 * (3 * 64 * 2) * 2


@pytest.mark.parametrize("model", [one for one in EMBEDDED_MODELS if one.is_here], ids=lambda model: model.name)
def test_the_real_ones_are_read(model):
    found = read_header(model.path)
    assert found.chats and found.context_length == model.most_context and found.parameter_count > 100_000_000


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "too short"),
        (b"GGUF", "too short"),
        (b"PK\x03\x04" + bytes(100), "no GGUF"),
        (b"<!DOCTYPE html>" + bytes(100), "no GGUF"),
        (b"GGUF" + struct.pack("<IQQ", 1, 0, 0) + bytes(9), "version"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0) + bytes(9), "version"),  # written the other way round
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 1 << 60), "count"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 1), "count"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1 << 62), "count"),  # a key of so many bytes
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 3) + b"abc" + struct.pack("<I", 99), "no GGUF file has"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 3) + b"abc" + struct.pack("<IIQ", 9, 8, 1 << 61), "count"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 3) + b"abc" + struct.pack("<IIQ", 9, 9, 2), "no list holds"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 3) + b"abc" + struct.pack("<IIQ", 9, 10, 900_000), "cut off"),
        (header({}), "what model"),
        (header({"general.architecture": 7}), "what model"),
        (b"GGUF" + b"\xff" * 5000, "version"),
    ],
)
def test_what_is_none_is_told(tmp_path: Path, data: bytes, told: str):
    (tmp_path / "a.gguf").write_bytes(data)
    with pytest.raises(ValueError, match=told):
        read_header(tmp_path / "a.gguf")


@pytest.mark.parametrize("size_bytes", range(24, len(WHOLE), 13))
def test_a_file_that_is_cut_anywhere_is_told(tmp_path: Path, size_bytes: int):
    (tmp_path / "a.gguf").write_bytes(WHOLE[:size_bytes])
    with pytest.raises(ValueError, match=r"cut off|count"):
        read_header(tmp_path / "a.gguf")


@given(st.binary(max_size=300), st.integers(4, len(WHOLE) - 1))
def test_no_garbage_does_more_than_be_told(tmp_path_factory: pytest.TempPathFactory, garbage: bytes, at: int):
    path = tmp_path_factory.mktemp("gguf") / "a.gguf"
    path.write_bytes(WHOLE[:at] + garbage + WHOLE[at + len(garbage) :])
    try:
        read_header(path)
    except ValueError:
        pass
