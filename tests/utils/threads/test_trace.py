"""The trace: what traced functions do is written down while somebody looks, and never a secret."""

from collections.abc import Iterator
from contextvars import copy_context
from functools import partial
from threading import Thread
from typing import Any

import pytest

from utils.threads.trace import HIDDEN, MOST_TOLD, Trace, note, traced, tracing


@traced("Add")
def add(first: int, second: int) -> int:
    """Return the sum."""
    note(sum=first + second)
    return first + second


@traced("Count")
def count(most: int) -> Iterator[int]:
    """Yield numbers."""
    yield from range(most)


@traced("Fail")
def fail() -> None:
    raise ValueError("no sk-secret-1")


def titles(trace: Trace) -> list[str]:
    return [span.title for span in trace.spans]


def test_nothing_is_written_down_where_nobody_looks():
    trace = Trace()
    with tracing(None):
        assert add(1, 2) == 3
        note(lost="yes")
    assert trace.spans == []


def test_a_span_tells_when_where_and_by_which_code_it_was_done():
    trace = Trace()
    with tracing(trace):
        assert add(1, 2) == 3
    [span] = trace.spans
    assert (span.title, span.function, span.thread) == ("Add", "add", "MainThread")
    assert span.file == "tests/utils/threads/test_trace.py"
    assert span.at_s is not None and span.took_s is not None and 0 <= span.took_s <= span.at_s + span.took_s
    assert span.source.startswith('@traced("Add")\ndef add(') and span.source.endswith("return first + second\n")
    assert span.docstring == "Return the sum."
    assert span.details == {"sum": "3"}


def test_a_stream_is_told_at_its_first_item_and_at_its_end():
    trace = Trace()
    with tracing(trace):
        items = count(1000)
        assert next(items) == 0
        assert titles(trace) == ["Count: the first"] and trace.running == ["Count"]
        assert list(items) == list(range(1, 1000))
    assert titles(trace) == ["Count: the first", "Count: all"] and trace.running == []
    assert trace.spans[1].details == {"count": "1000", "last": "997\n998\n999"}


def test_a_stream_that_is_left_has_ended_too():
    trace = Trace()
    with tracing(trace):
        items = count(5)
        next(items)
        items.close()  # type: ignore[attr-defined]
    assert trace.spans[-1].details["count"] == "1"


def test_a_fault_goes_on_and_is_told_without_secrets():
    trace = Trace(["sk-secret-1"])
    with tracing(trace), pytest.raises(ValueError, match="sk-secret"):
        fail()
    assert trace.spans[0].details == {"raised": f"ValueError: no {HIDDEN}"}


def test_secrets_and_files_are_hidden_in_every_kind_of_detail():
    trace = Trace(["sk-secret-1", "sk-secret-1-longer", "no"])
    file = "data:image/png;base64," + "A" * 1000
    details: dict[str, Any] = {
        "text": "a sk-secret-1-longer",
        "data": {"key": ["sk-secret-1"]},
        "bytes": b"sk-secret-1",
    }
    trace.tell("Told", add, None, lazy=lambda: "sk-secret-1 no", file=file, long="x" * 2 * MOST_TOLD, **details)
    [span] = trace.spans
    assert "sk-secret" not in str(span) and "longer" not in str(span)
    assert span.details["lazy"] == f"{HIDDEN} no"  # a word of two letters is no key
    assert len(span.details["file"]) < 100 and len(span.details["long"]) == MOST_TOLD


def test_what_is_no_plain_function_has_a_place_too():
    trace = Trace()

    class Adder:
        def __call__(self) -> None:
            """Add."""

    for function in (partial(partial(add, 1), 2), Adder(), Adder().__call__, lambda: None):
        trace.tell("Done", function, None)
    assert all(span.file == "tests/utils/threads/test_trace.py" and span.source for span in trace.spans)
    assert [span.docstring for span in trace.spans[:3]] == ["Return the sum.", "Add.", "Add."]


def test_a_thread_that_takes_the_context_along_is_told():
    trace = Trace()
    with tracing(trace):
        worker = Thread(target=copy_context().run, args=(add, 1, 2), name="worker")
        worker.start()
        worker.join()
        other = Thread(target=add, args=(3, 4))
        other.start()
        other.join()
    assert [span.thread for span in trace.spans] == ["worker"]


def test_who_listens_hears_each_span_when_it_has_ended():
    trace, heard = Trace(), list[str]()
    trace.when_told = lambda span: heard.append(span.title)
    with tracing(trace):
        add(1, 2)
    assert heard == ["Add"]
