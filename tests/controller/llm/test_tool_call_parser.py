"""Tool calls in a stream: however they are cut up, the same calls come out."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from controller.llm.tool_call_parser import CallReader

CALLS = st.lists(st.tuples(st.text(min_size=1), st.text(max_size=30)), max_size=5)


def piece(index: int | None, call_id: str | None, name: str | None, arguments: str | None) -> dict[str, Any]:
    return {"index": index, "id": call_id, "function": {"name": name, "arguments": arguments}}


def told(reader: CallReader) -> list[tuple[str, str]]:
    return [(call.function.name, call.function.arguments) for call in reader.calls]


@given(CALLS, st.integers(1, 7))
def test_numbered_pieces_of_any_length(calls: list[tuple[str, str]], length: int):
    reader = CallReader()
    for index, (name, arguments) in enumerate(calls):
        reader.read([piece(index, f"id{index}", name, "")])
        for begin in range(0, len(arguments), length):
            reader.read([piece(index, None, None, arguments[begin : begin + length])])
    assert told(reader) == calls
    assert [call.id for call in reader.calls] == [f"id{index}" for index in range(len(calls))]


@given(CALLS)
def test_all_calls_in_one_chunk_without_numbers_or_ids(calls: list[tuple[str, str]]):
    reader = CallReader()
    reader.read([piece(None, "", name, arguments) for name, arguments in calls])
    assert told(reader) == calls
    assert len({call.id for call in reader.calls}) == len(calls)


@given(CALLS)
def test_numbered_calls_that_come_interleaved(calls: list[tuple[str, str]]):
    reader = CallReader()
    reader.read([piece(index, "same", name, None) for index, (name, _) in enumerate(calls)])
    for half in (0, 1):
        middle = [len(arguments) // 2 for _, arguments in calls]
        reader.read(
            [
                piece(index, None, None, arguments[: middle[index]] if half == 0 else arguments[middle[index] :])
                for index, (_, arguments) in enumerate(calls)
            ]
        )
    assert told(reader) == calls
    assert len({call.id for call in reader.calls}) == len(calls)


def test_a_chunk_without_calls_changes_nothing():
    reader = CallReader()
    reader.read(None)
    reader.read([])
    assert reader.calls == []
