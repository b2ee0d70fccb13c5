"""Usage is read off the conversations: each request once, with what is known of it."""

import time
from dataclasses import replace
from typing import Any

import pytest

from model.conversation import Conversation
from model.message import FAILED, Message
from model.search_index import SearchIndex
from model.store import JsonStore
from model.usage import UsageRow, total, usage_rows

MOMENT = "2026-03-14T12:00:00.000+00:00"
TITLE = {
    "kind": "title",
    "created_at": MOMENT,
    "provider": "openai",
    "model_name": "gpt-5-nano",
    "prompt_token_count": 20,
    "completion_token_count": 4,
}


def answer(**fields: Any) -> Message:
    counts: dict[str, Any] = {"prompt_token_count": 100, "completion_token_count": 10}
    known = {"created_at": MOMENT, "provider": "openai", "model_name": "gpt-5-mini", **counts}
    return Message("assistant", "Hello", **(known | fields))


def talk(*messages: Message, background: list[Any] | None = None) -> Conversation:
    conversation = Conversation([Message("user", "Hi", created_at=MOMENT), *messages])
    conversation.choose(background=background or [])
    return conversation


def rows_of(*conversations: Conversation) -> list[UsageRow]:
    rows: dict[str, UsageRow] = {}
    for conversation in conversations:
        rows |= usage_rows(conversation.all_messages)
    return list(rows.values())


def test_an_answer_is_a_row():
    conversation = talk(answer())
    row = UsageRow("2026-03-14", "answer", "openai", "gpt-5-mini", 100, 10)
    assert rows_of(conversation) == [row]


def test_background_requests_and_summaries_are_counted():
    summary = replace(answer(), role="system", summary_of="m1", id="s")
    rows = rows_of(talk(answer(), summary, background=[TITLE]))
    assert [(row.kind, row.prompt_token_count) for row in rows] == [("answer", 100), ("summary", 100), ("title", 20)]


def test_all_branches_are_counted():
    conversation = talk(answer())
    conversation.beside = [answer(id="other", created_at="2026-03-15T12:00:00+00:00")]
    assert len(rows_of(conversation)) == 2


def test_a_copy_of_a_conversation_does_not_count_its_requests_twice():
    conversation = talk(answer(), background=[TITLE])
    assert len(rows_of(conversation, conversation.copy())) == 2


def test_titles_of_two_conversations_both_count_without_a_moment():
    title = {key: value for key, value in TITLE.items() if key != "created_at"}
    assert len(rows_of(talk(background=[title]), talk(background=[title]))) == 2


def test_what_the_provider_did_not_count_is_our_estimate():
    own = answer(prompt_token_count=None, completion_token_count=None, window_token_count=90, token_count=9)
    [row] = rows_of(talk(own))
    assert (row.prompt_token_count, row.completion_token_count, row.is_estimated) == (90, 9, True)


def test_what_failed_before_a_word_came_is_no_row():
    failed = replace(answer(prompt_token_count=None, completion_token_count=None), content="", status=FAILED)
    assert rows_of(talk(failed)) == []


def test_messages_that_no_model_of_ours_made_are_no_rows():
    assert rows_of(talk(Message("assistant", "Pasted in."), Message("tool", "2"))) == []


def test_a_row_without_a_moment_has_no_day():
    assert [row.day for row in rows_of(talk(answer(created_at=None), answer(created_at="soon")))] == ["", ""]


@pytest.mark.parametrize("junk", ["text", None, 3, {"prompt_token_count": "many", "created_at": []}])
def test_junk_in_the_file_is_no_bug(junk: object):
    assert sum(row.prompt_token_count for row in rows_of(talk(answer(), background=[junk]))) == 100


def test_the_day_is_the_local_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert rows_of(talk(answer(created_at="2026-03-14T23:30:00+00:00")))[0].day == "2026-03-15"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_total_says_whether_all_prices_are_known():
    known, unknown = rows_of(talk(answer())), rows_of(talk(answer(model_name="gpt-x")))
    assert total(known).cost_usd == pytest.approx(0.000045) and total(known).is_cost_whole
    assert total(known + unknown).cost_usd == pytest.approx(0.000045) and not total(known + unknown).is_cost_whole
    assert total(unknown).cost_usd is None
    assert total(known, moved={"openai"}).cost_usd is None


def test_a_total_adds_tokens_and_says_whether_some_are_estimated():
    totals = total(rows_of(talk(answer(), background=[TITLE])))
    assert (totals.prompt_token_count, totals.completion_token_count, totals.is_estimated) == (120, 14, False)


def test_the_index_sums_all_conversations_and_forgets_deleted_ones(tmp_path):
    store = JsonStore(tmp_path / "saved.json")
    index = SearchIndex(tmp_path / "index", store)
    store.save("A", talk(answer(id="a", created_at="2026-03-14T13:00:00+00:00"), background=[TITLE]))
    store.save("B", talk(answer(id="b")))
    assert [(row.kind, row.request_count, row.prompt_token_count) for row in index.usage()] == [
        ("answer", 2, 200),
        ("title", 1, 20),
    ]
    store.delete("A")
    assert [(row.kind, row.request_count) for row in index.usage()] == [("answer", 1)]
    index.close()
