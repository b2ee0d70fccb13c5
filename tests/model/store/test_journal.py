"""A turn is on disk before its request leaves, grows cheaply, and ends where its conversation lives."""

import pytest

from model.chat.conversation import Conversation
from model.chat.message import COMPLETE, FAILED, INTERRUPTED, STREAMING, Message
from model.errors import ConversationNotFound, StoreUnwritable
from model.store.journal import Journal
from model.store.json_store import JsonStore
from tests.conversations import contents
from tests.saved import door, save_unnamed


@pytest.fixture
def store(tmp_path):
    return JsonStore(tmp_path / "conversations.json")


@pytest.fixture
def journal(tmp_path, store):
    return Journal(tmp_path / "turns", store)


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


def test_the_question_is_on_disk_when_begin_returns(journal):
    log, _ = begin(journal, Conversation())
    assert "why?" in log._path.read_text()
    log.end()


def test_pieces_of_a_moment_share_a_line_and_none_is_lost_or_written_twice(journal, store):
    log, answer = begin(journal, Conversation())
    log.pause_s = lambda: 60.0
    lines_before = log._path.read_text().count("\n")
    for piece in ("be", "ca", "us"):
        log.gather(piece)
        answer.content += piece
    assert log._path.read_text().count("\n") == lines_before + 1  # the first stands there at once
    log.pause_s = lambda: 0.0
    log.gather("e")
    die(log)
    assert journal.recover() == 1
    assert contents(store.load("why?")) == ["why?", "because"]


def test_thoughts_are_on_disk_as_they_grow_and_outlive_the_program(journal, store):
    log, answer = begin(journal, Conversation())
    answer.thinking = "Rain falls"
    log.gather(thinking="Rain falls")
    log.mark()
    for piece in (" because", " of"):
        log.gather(thinking=piece)
    log.gather("It is")
    log.gather(thinking=" gravity.")
    die(log)
    assert journal.recover() == 1
    kept = store.load("why?").messages[1]
    assert (kept.thinking, kept.content, kept.status) == ("Rain falls because of gravity.", "It is", INTERRUPTED)


def test_an_answer_without_thoughts_stays_without_when_it_is_recovered(journal, store):
    log, answer = begin(journal, Conversation())
    say(log, answer, "because", STREAMING)
    die(log)
    assert journal.recover() == 1
    assert store.load("why?").messages[1].thinking is None


def test_a_turn_of_an_unnamed_conversation_is_saved_under_its_first_words(journal, store):
    conversation = Conversation()
    log, answer = begin(journal, conversation)
    say(log, answer, "because")
    log.end()
    assert store.names() == ["why?"] and conversation.name == "why?"
    found = store.find(conversation.id)
    assert found.options.is_auto_titled and contents(found) == ["why?", "because"]
    assert turn_files(journal) == []


def test_a_turn_of_a_saved_conversation_ends_in_the_store(journal, store):
    conversation = Conversation([Message("system", "be kind")])
    door(store).save_conversation("A", conversation)
    log, answer = begin(journal, conversation)
    say(log, answer, "because")
    log.end()
    assert store.find(conversation.id) == store.load("A") == conversation


@pytest.mark.parametrize("status", [COMPLETE, FAILED, "stopped"])
def test_the_answer_is_saved_as_it_stands_at_the_end(journal, status, store):
    conversation = Conversation()
    log, answer = begin(journal, conversation)
    say(log, answer, "because", status)
    answer.token_count, answer.content = 7, "because!"
    log.end()
    log.end()
    assert store.find(conversation.id).messages[1] == answer


@pytest.mark.parametrize("change", ["keep", "rename", "from another tab"])
def test_a_conversation_that_is_named_in_mid_turn_gets_its_answer(journal, store, change):
    conversation = Conversation()
    if change == "rename":
        door(store).save_conversation("old", conversation := Conversation([Message("user", "first")]))
    elif change == "from another tab":
        save_unnamed(store, conversation := Conversation([Message("user", "first")]))
    log, answer = begin(journal, conversation)
    say(log, answer, "because")
    if change == "keep":
        door(store).save_conversation("new", conversation)
    elif change == "rename":
        store.rename("old", "new")
    else:
        door(store).save_conversation("new", store.find(conversation.id))
    log.end()
    assert contents(store.load("new"))[-2:] == ["why?", "because"]


def test_a_conversation_that_is_copied_in_mid_turn_gets_its_answer_in_the_copy(journal, store):
    conversation = Conversation([Message("user", "first")])
    door(store).save_conversation("A", conversation)
    log, answer = begin(journal, conversation)
    door(store).save_conversation("B", conversation)
    say(log, answer, "because")
    log.end()
    assert contents(store.load("A")) == ["first"]
    assert contents(store.load("B")) == ["first", "why?", "because"]


def test_a_conversation_that_is_deleted_in_mid_turn_is_saved_anew(journal, store):
    conversation = Conversation([Message("user", "first")])
    door(store).save_conversation("A", conversation)
    log, answer = begin(journal, conversation)
    store.delete("A")
    say(log, answer, "because")
    log.end()
    assert contents(store.load("A")) == ["first", "why?", "because"]


def test_a_conversation_that_was_saved_empty_gets_its_first_turn(journal, store):
    door(store).save_conversation("A", Conversation())
    conversation = store.load("A")
    log, answer = begin(journal, conversation)
    say(log, answer, "because")
    log.end()
    assert contents(store.load("A")) == ["why?", "because"]


def test_the_turn_of_a_dead_program_is_recovered_as_interrupted(journal, store):
    conversation = Conversation([Message("user", "first"), Message("assistant", "one")])
    log, answer = begin(journal, conversation)
    say(log, answer, "bec", STREAMING)
    say(log, answer, "ause", STREAMING)
    die(log)
    assert journal.recover() == 1
    found = store.find(conversation.id)
    assert contents(found) == ["first", "one", "why?", "because"]
    assert [message.status for message in found.messages] == [COMPLETE, COMPLETE, COMPLETE, INTERRUPTED]
    assert journal.recover() == 0
    assert turn_files(journal) == []


def test_a_continued_answer_is_recovered_with_what_it_had_before(journal, store):
    conversation = Conversation([Message("user", "why?"), Message("assistant", "bec", status=STREAMING)])
    save_unnamed(store, conversation)
    log = journal.begin(conversation, *conversation.messages)
    log.grow("ause")
    die(log)
    journal.recover()
    assert contents(store.find(conversation.id)) == ["why?", "because"]


def test_turns_of_one_conversation_are_recovered_in_their_order(journal, store):
    conversation = Conversation([Message("user", "first")])
    door(store).save_conversation("A", conversation)
    for number in range(5):
        log, answer = begin(journal, conversation, f"question {number}")
        die(log)
    assert journal.recover() == 5
    assert contents(store.load("A"))[1::2] == [f"question {number}" for number in range(5)]


def test_a_turn_that_lives_is_left_alone(tmp_path, journal, store):
    conversation = Conversation()
    log, answer = begin(journal, conversation)
    assert Journal(tmp_path / "turns", store).recover() == 0
    with pytest.raises(ConversationNotFound):
        store.find(conversation.id)
    say(log, answer, "because")
    log.end()
    assert contents(store.find(conversation.id)) == ["why?", "because"]


def test_a_turn_that_could_not_be_folded_is_recovered_as_it_ended(journal, store, monkeypatch):
    conversation = Conversation()
    log, answer = begin(journal, conversation)
    say(log, answer, "because")

    def fail(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(StoreUnwritable):
        log.end()
    monkeypatch.undo()
    journal.settle()
    assert JsonStore(store.path).find(conversation.id).messages[1] == answer
    assert turn_files(journal) == []


def test_a_turn_that_can_not_begin_leaves_nothing_behind(journal, monkeypatch):
    def fail(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(StoreUnwritable, match="disk is full"):
        begin(journal, Conversation())
    assert list(journal._folder.glob("*")) == []
