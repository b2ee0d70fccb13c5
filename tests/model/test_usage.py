"""What requests took, summed over all conversations."""

import pytest

from model.conversation import Conversation
from model.message import Message
from model.search_index import SearchIndex
from model.store import JsonStore
from model.usage import UsageRow, usage_of

MODEL = {"provider": "groq", "model_name": "llama"}


def answer(at: str | None, prompt: int | None, completion: int | None, **more) -> Message:
    counts = {"prompt_token_count": prompt, "completion_token_count": completion}
    return Message.from_dict({"role": "assistant", "content": "x", "created_at": at} | counts | MODEL | more)


@pytest.fixture
def store(tmp_path):
    return JsonStore(tmp_path / "conversations.json")


@pytest.fixture
def index(tmp_path, store):
    index = SearchIndex(tmp_path / "index", store)
    yield index
    index.close()


def test_requests_are_summed_by_day_kind_and_model(store, index):
    title = {"kind": "title", "created_at": "2026-01-02", "prompt_token_count": 7, "completion_token_count": 1} | MODEL
    first = Message("user", "x", conversation={"background": [title]})
    store.save("A", Conversation([first, answer("2026-01-01T10:00:00+00:00", 1, 10), answer("2026-01-01", 2, None)]))
    store.save("B", Conversation([answer("2026-01-01T20:00", 4, 30), answer("2026-01-02", 5, 5, summary_of="x")]))
    answers = UsageRow("2026-01-01", "answer", "groq", "llama", 3, 7, 40)
    summary = UsageRow("2026-01-02", "summary", "groq", "llama", 1, 5, 5)
    assert index.usage() == [answers, summary, UsageRow("2026-01-02", "title", "groq", "llama", 1, 7, 1)]
    store.delete("A")
    assert index.usage() == [UsageRow("2026-01-01", "answer", "groq", "llama", 1, 4, 30), summary]


def test_days_are_in_utc_and_a_message_without_counts_took_nothing():
    messages = [Message("user", "x"), answer("2026-01-01T23:30:00-02:00", 1, 1), answer("2026-01-01", None, None)]
    assert usage_of(messages) == [UsageRow("2026-01-02", "answer", "groq", "llama", 1, 1, 1)]


@pytest.mark.parametrize("at", [None, "", "yesterday", "0001-01-01T00:00:00+23:00", "2026-13-01"])
def test_what_can_not_be_dated_is_counted_without_a_day(at):
    assert usage_of([answer(at, 1, 2)]) == [UsageRow("", "answer", "groq", "llama", 1, 1, 2)]


@pytest.mark.parametrize("odd", [None, 5, "x", [], {}, {"prompt_token_count": "many"}, {"prompt_token_count": -1}])
def test_odd_notes_of_requests_are_passed_over(odd):
    assert usage_of([Message("user", "x", conversation={"background": [odd]})]) == []
    assert usage_of([Message("user", "x", conversation={"background": odd})]) == []
    assert usage_of([]) == []
