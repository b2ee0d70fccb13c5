"""What a list shows of saved conversations without opening them."""

import json

import pytest

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.store.entry_store import EntryStore


def facts(store: EntryStore) -> list[tuple[str, str, bool]]:
    return [(listed.name, listed.updated_at, listed.is_pinned) for listed in store.entries()]


def test_a_list_tells_when_the_newest_message_was_written_and_what_is_pinned(place):
    store = place.open()
    conversation = Conversation(
        [Message("user", "x", created_at="2026-02"), Message("user", "x", created_at="2026-01")]
    )
    store.save("A", conversation)
    assert facts(store) == facts(place.open()) == [("A", "2026-02", False)]
    store.choose(conversation.id, is_pinned=True)
    store.write(conversation.id, [Message("user", "y", created_at="2026-03")])
    assert facts(store) == facts(place.open()) == [("A", "2026-03", True)]
    store.change(conversation.id, [], [store.load("A").messages[-1].id])
    assert facts(store) == facts(place.open()) == [("A", "2026-02", True)]


def test_what_another_program_wrote_is_listed_anew(place):
    store = place.open()
    store.save("A", Conversation([Message("user", "x")]))
    assert facts(store) == [("A", "", False)]
    options = {"conversation": {"is_pinned": True}}
    other = {"B": [{"role": "user", "content": "y", "created_at": "2026", **options}]}
    place.bring(json.dumps(json.loads(place.text()) | other))
    assert facts(store) == [("B", "2026", True), ("A", "", False)]


@pytest.mark.parametrize("odd", ["5", "null", "1e999", "[]", '{"is_pinned": 1e999}', '{"is_pinned": "true"}'])
def test_odd_values_are_no_time_and_no_pin(place, odd):
    place.bring(f'{{"A": [{{"role": "user", "content": "x", "created_at": {odd}, "conversation": {odd}}}]}}')
    store = place.open()
    assert facts(store) == [("A", "", False)]
    assert store.take_notices() == []


def test_an_empty_conversation_has_an_id_that_meets_no_other_and_finds_it(place):
    place.bring('{"A": [], "B": {"messages": []}, "C": [{"role": "user", "content": "x", "id": "A"}]}')
    store = place.open()
    listed = store.entries()
    assert len({entry.id for entry in listed}) == 3 and [entry.updated_at for entry in listed] == ["", "", ""]
    assert [store.find(entry.id).name for entry in listed] == ["C", "B", "A"]
