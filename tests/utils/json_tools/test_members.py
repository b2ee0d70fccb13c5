"""JSON read piece by piece: the same as all at once, and honest about damage."""

import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utils.json_tools.members import members

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, database=None)
@given(
    value=st.lists(JSON, max_size=5) | st.dictionaries(st.text(), JSON, max_size=5),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    indent=st.sampled_from([None, 2]),
)
def test_it_reads_what_json_reads(value, encoding, indent):
    data = json.dumps(value, indent=indent).encode(encoding)
    found = list(members(data))
    assert found == (list(value.items()) if isinstance(value, dict) else [(None, each) for each in value])


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (b"", 0),
        (b"3", 0),
        (b'"text"', 0),
        (b"<html>", 0),
        (b"[1, 2", 2),
        (b"[1, 2,", 2),
        (b"[1, 2,]", 2),
        (b"[1 2]", 1),
        (b'{"a": 1, "b"', 1),
        (b'{"a": 1, 2: 3}', 1),
        (b'{"a" 1}', 0),
        (b'[1, {"a": tru', 1),
        (b'["a", "b', 1),
        (b'["a", ' + b"[" * 100_000, 1),
    ],
)
def test_what_comes_before_the_damage_is_read(data: bytes, count: int):
    found = []
    with pytest.raises(ValueError):
        for member in members(data):
            found.append(member)
    assert len(found) == count


def test_only_one_piece_is_in_memory():
    piece = json.dumps({"text": "x" * 200_000}).encode()
    data = b"[" + b",".join([piece] * 100) + b"]"
    tracemalloc.start()
    assert sum(1 for _ in members(data)) == 100
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 6_000_000 < len(data)
