"""Usage is read off the conversations: each request once, with what is known of it."""

import time
from dataclasses import replace
from typing import Any

import pytest

from model.chat.conversation import Conversation
from model.chat.message import FAILED, Message
from model.chat.message_parts import ToolStep
from model.pictures.picture import SVG, Picture
from model.providers.usage import UsageRow, total, usage_rows
from model.search.index import SearchIndex
from model.store.json_store import JsonStore

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


def painted(*costs_usd: float | None, **fields: Any) -> Message:
    """Return an answer for which images were made by hand, and one drawing."""
    image = Picture("a" * 64, "image-1.png", "image/png", 5, 1, 1, model_name="dall-e-3")
    rows = [replace(image, cost_usd=cost_usd).to_row() for cost_usd in costs_usd]
    drawing = replace(image, media_type=SVG).to_row()
    step = ToolStep("call_1", "make_image", result="Made.", details={"pictures": [*rows, drawing]})
    return Message("assistant", "Made.", tool_steps=[step], **({"created_at": MOMENT} | fields))


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


def test_images_are_rows_with_the_cost_that_was_known():
    rows = rows_of(talk(painted(0.04, 0.04)))
    assert [(row.kind, row.model_name, row.images_usd, row.request_count) for row in rows] == [
        ("image", "dall-e-3", 0.04, 1),
        ("image", "dall-e-3", 0.04, 0),
    ]
    totals = total(rows_of(talk(answer(), painted(0.04, 0.08))))
    assert (totals.image_count, totals.is_cost_whole) == (2, True)
    assert totals.cost_usd == pytest.approx(0.120045)


@pytest.mark.parametrize("cost_usd", [None, -1.0, 1e300])
def test_an_image_without_a_price_leaves_the_cost_open(cost_usd: float | None):
    totals = total(rows_of(talk(painted(0.04, cost_usd))))
    assert (totals.cost_usd, totals.is_cost_whole, totals.image_count) == (0.04, False, 2)


def test_an_image_is_paid_once_however_many_branches_and_copies_show_it(tmp_path):
    conversation = talk(painted(0.04, None), answer(id="b"))
    conversation.beside = [answer(id="other", created_at="2026-03-15T12:00:00+00:00")]
    conversation.beside.append(painted(0.08, id="again", created_at="2026-03-15T12:00:00+00:00"))
    store = JsonStore(tmp_path / "saved.json")
    index = SearchIndex(tmp_path / "index", store)
    store.save("A", conversation)
    store.save("A (copy)", conversation.copy())
    rows = [row for row in index.usage() if row.kind == "image"]
    assert sorted((row.day, row.image_count, row.images_usd) for row in rows if row.images_usd) == [
        ("2026-03-14", 1, 0.04),
        ("2026-03-15", 1, 0.08),
    ]
    totals = total(rows)
    assert (totals.image_count, totals.is_cost_whole, sum(row.request_count for row in rows)) == (3, False, 2)
    index.close()
