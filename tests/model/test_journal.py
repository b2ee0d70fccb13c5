"""A turn is on disk before its request leaves, grows cheaply, and ends where its conversation lives."""

import pytest

from model.conversation import Conversation
from model.errors import ConversationExists, ConversationNotFound, StoreUnwritable
from model.journal import Journal
from model.message import COMPLETE, FAILED, INTERRUPTED, STREAMING, Message
from model.store import JsonStore


@pytest.fixture
def store(tmp_path):
    return JsonStore(tmp_path / "conversations.json")


@pytest.fixture
def drafts(tmp_path):
    return JsonStore(tmp_path / "drafts.json")


@pytest.fixture
def journal(tmp_path, store, drafts):
    return Journal(tmp_path / "turns", store, drafts)


def turn_files(journal):
    return sorted(path.name for path in journal._folder.glob("*.jsonl*"))


def begin(journal, conversation, prompt="why?"):
    question, answer = conversation.ask(prompt)
    return journal.begin(conversation, question, answer), answer


def say(log, answer, text, status=COMPLETE):
    log.grow(text)
    answer.content += text
    answer.status = status


def die(log):
    """Leave the turn as a killed program does: its lock is free, its file still there."""
    log._file.close()
    log._lock.release()


def contents(conversation):
    return [message.content for message in conversation.messages]


def test_the_question_is_on_disk_when_begin_returns(journal):
    log, _ = begin(journal, Conversation())
    assert "why?" in log._path.read_text()
    log.end()


def test_a_turn_of_an_unnamed_conversation_ends_among_the_drafts(journal, store, drafts):
    conversation = Conversation()
    log, answer = begin(journal, conversation)
    say(log, answer, "because")
    log.end()
    assert store.names() == [] and drafts.names() == [conversation.id]
    found = journal.find(conversation.id)
    assert found == conversation and found.name is None
    assert turn_files(journal) == []


def test_a_turn_of_a_saved_conversation_ends_in_the_store(journal, store, drafts):
    conversation = Conversation([Message("system", "be kind")])
    journal.keep("A", conversation)
    log, answer = begin(journal, conversation)
    say(log, answer, "because")
    log.end()
    assert journal.find(conversation.id) == store.load("A") == conversation
    assert drafts.names() == []


@pytest.mark.parametrize("status", [COMPLETE, FAILED, "stopped"])
def test_the_answer_is_saved_as_it_stands_at_the_end(journal, status):
    conversation = Conversation()
    log, answer = begin(journal, conversation)
    say(log, answer, "because", status)
    answer.token_count, answer.content = 7, "because!"
    log.end()
    log.end()
    assert journal.find(conversation.id).messages[1] == answer


@pytest.mark.parametrize("change", ["keep", "rename", "from another tab"])
def test_a_conversation_that_is_named_in_mid_turn_gets_its_answer(journal, store, drafts, change):
    conversation = Conversation()
    if change == "rename":
        journal.keep("old", conversation := Conversation([Message("user", "first")]))
    elif change == "from another tab":
        journal.write(conversation := Conversation([Message("user", "first")]), [])
    log, answer = begin(journal, conversation)
    say(log, answer, "because")
    if change == "keep":
        journal.keep("new", conversation)
    elif change == "rename":
        store.rename("old", "new")
    else:
        journal.keep("new", journal.find(conversation.id))
    log.end()
    assert contents(store.load("new"))[-2:] == ["why?", "because"]
    assert drafts.names() == []


def test_a_conversation_that_is_copied_in_mid_turn_gets_its_answer_in_the_copy(journal, store):
    conversation = Conversation([Message("user", "first")])
    journal.keep("A", conversation)
    log, answer = begin(journal, conversation)
    journal.keep("B", conversation)
    say(log, answer, "because")
    log.end()
    assert contents(store.load("A")) == ["first"]
    assert contents(store.load("B")) == ["first", "why?", "because"]


def test_a_conversation_that_is_deleted_in_mid_turn_becomes_a_draft(journal, store, drafts):
    conversation = Conversation([Message("user", "first")])
    journal.keep("A", conversation)
    log, answer = begin(journal, conversation)
    store.delete("A")
    say(log, answer, "because")
    log.end()
    assert store.names() == []
    assert contents(journal.find(conversation.id)) == ["first", "why?", "because"]
    assert conversation.name is None


def test_a_conversation_that_was_saved_empty_gets_its_first_turn(journal, store, drafts):
    journal.keep("A", Conversation())
    conversation = store.load("A")
    log, answer = begin(journal, conversation)
    say(log, answer, "because")
    log.end()
    assert contents(store.load("A")) == ["why?", "because"]
    assert drafts.names() == []


def test_the_turn_of_a_dead_program_is_recovered_as_interrupted(journal, store):
    conversation = Conversation([Message("user", "first"), Message("assistant", "one")])
    log, answer = begin(journal, conversation)
    say(log, answer, "bec", STREAMING)
    say(log, answer, "ause", STREAMING)
    die(log)
    assert journal.recover() == 1
    found = journal.find(conversation.id)
    assert contents(found) == ["first", "one", "why?", "because"]
    assert [message.status for message in found.messages] == [COMPLETE, COMPLETE, COMPLETE, INTERRUPTED]
    assert journal.recover() == 0
    assert turn_files(journal) == []


def test_a_continued_answer_is_recovered_with_what_it_had_before(journal):
    conversation = Conversation([Message("user", "why?"), Message("assistant", "bec", status=STREAMING)])
    journal.write(conversation, [])
    log = journal.begin(conversation, *conversation.messages)
    log.grow("ause")
    die(log)
    journal.recover()
    assert contents(journal.find(conversation.id)) == ["why?", "because"]


def test_turns_of_one_conversation_are_recovered_in_their_order(journal, store):
    conversation = Conversation([Message("user", "first")])
    journal.keep("A", conversation)
    for number in range(5):
        log, answer = begin(journal, conversation, f"question {number}")
        die(log)
    assert journal.recover() == 5
    assert contents(store.load("A"))[1::2] == [f"question {number}" for number in range(5)]


def test_a_turn_that_lives_is_left_alone(tmp_path, journal, store, drafts):
    conversation = Conversation()
    log, answer = begin(journal, conversation)
    assert Journal(tmp_path / "turns", store, drafts).recover() == 0
    with pytest.raises(ConversationNotFound):
        journal.find(conversation.id)
    say(log, answer, "because")
    log.end()
    assert contents(journal.find(conversation.id)) == ["why?", "because"]


def test_a_turn_that_could_not_be_folded_is_recovered_as_it_ended(journal, drafts, monkeypatch):
    conversation = Conversation()
    log, answer = begin(journal, conversation)
    say(log, answer, "because")

    def fail(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(StoreUnwritable):
        log.end()
    monkeypatch.undo()
    assert journal.recover() == 1
    assert journal.find(conversation.id).messages[1] == answer


def test_a_turn_that_can_not_begin_leaves_nothing_behind(journal, monkeypatch):
    def fail(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(StoreUnwritable, match="disk is full"):
        begin(journal, Conversation())
    assert list(journal._folder.glob("*")) == []


def test_keep_moves_a_draft_with_what_other_tabs_wrote_into_it(journal, store, drafts):
    conversation = Conversation([Message("user", "first")])
    journal.write(conversation, [])
    other_tab = journal.find(conversation.id)
    journal.write(other_tab, [Message("user", "from another tab")])
    journal.keep(" My name ", conversation)
    assert conversation.name == "My name" and drafts.names() == []
    assert contents(store.load("My name")) == ["first", "from another tab"]


def test_keep_under_a_taken_name_leaves_the_draft(journal, store, drafts):
    store.save("A", Conversation([Message("user", "x")]))
    conversation = Conversation([Message("user", "first")])
    journal.write(conversation, [])
    with pytest.raises(ConversationExists):
        journal.keep("A", conversation)
    assert drafts.names() == [conversation.id]
    journal.keep("A", conversation, overwrite=True)
    assert contents(store.load("A")) == ["first"] and drafts.names() == []


def test_discard_deletes_a_draft_only(journal, store):
    draft, saved = Conversation([Message("user", "1")]), Conversation([Message("user", "2")])
    journal.write(draft, [])
    journal.keep("A", saved)
    for conversation in (draft, saved, Conversation()):
        journal.discard(conversation)
    with pytest.raises(ConversationNotFound):
        journal.find(draft.id)
    assert journal.find(saved.id).name == "A"
