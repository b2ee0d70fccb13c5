"""Names: any will do, none is taken twice, and what is looked for is found."""

import pytest

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.errors import ConversationExists, InputError
from tests.conversations import contents, talk

ODD_NAMES = [
    "\"quotes\" and 'apostrophes'",
    "emoji 👩‍👩‍👧 🏳️‍🌈",
    "../../etc/passwd",
    "C:\\temp\\x",
    "__proto__",
    "constructor",
    "x" * 200,
    "שלום עולם",
    "<script>alert(1)</script>",
    "null",
    "0",
    "{}",
    "\x00 zero",
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_may_hold_any_characters(store, place, name):
    conversation = talk("x")
    store.save(name, conversation)
    again = place.open()
    assert again.names() == [name] == [conversation.name]
    assert again.load(name) == conversation
    assert again.take_notices() == []


@pytest.mark.parametrize(("typed", "name"), [(" a\nb\r\n c\t", "a b c"), ("half \ud83d", "half ?")])
def test_a_name_is_brought_on_one_line(store, typed, name):
    store.save(typed, talk("x"))
    store.rename(name, "y")
    store.rename("y", typed)
    assert store.names() == [name]


def test_an_odd_name_from_elsewhere_is_still_its_own(store, place):
    place.bring('{"two\\n lines ": [{"role": "user", "content": "x"}]}')
    conversation = store.load("two\n lines ")
    store.save(conversation.name, conversation)
    assert store.names() == ["two\n lines "]


def test_the_newest_saved_comes_first(store):
    first = talk("1")
    for name, conversation in {"A": first, "B": talk("2"), "C": talk("3")}.items():
        store.save(name, conversation)
    assert store.names() == ["C", "B", "A"]
    store.write(first.id, [Message("user", "more")])
    assert store.names() == ["A", "C", "B"]
    store.rename("B", "B2")
    assert store.names() == ["A", "C", "B2"]


def test_a_taken_name_is_refused_unless_overwritten(store):
    store.save("A", talk("first"))
    other = talk("second")
    with pytest.raises(ConversationExists, match="A"):
        store.save(" A ", other)
    assert other.name is None and contents(store.load("A")) == ["first"]
    store.save("A", other, overwrite=True)
    assert contents(store.load("A")) == ["second"]


def test_an_empty_conversation_gives_its_name_away(store):
    store.save("A", Conversation())
    store.save("A", talk("first"))
    store.save("B", Conversation())
    store.rename("A", "B")
    assert store.names() == ["B"] and contents(store.load("B")) == ["first"]


@pytest.mark.parametrize("name", ["", "  ", "\n\t", "\u2003"])
def test_a_blank_name_is_refused_with_a_hint(store, name):
    with pytest.raises(InputError) as refused:
        store.save(name, talk("x"))
    assert refused.value.hint
    assert store.names() == []


def test_a_rename_to_a_taken_name_is_refused(store):
    store.save("A", talk("1"))
    store.save("B", talk("2"))
    with pytest.raises(ConversationExists):
        store.rename("A", "B")
    store.rename("A", "A")
    assert sorted(store.names()) == ["A", "B"]
