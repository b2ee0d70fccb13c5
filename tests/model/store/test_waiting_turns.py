"""A turn that can't be saved waits in memory: all see it, nothing of it is lost, and nothing is lost to it."""

from pathlib import Path

import pytest

from model.chat.conversation import Conversation
from model.chat.message import COMPLETE, INTERRUPTED, Message
from model.errors import StoreUnreadable, StoreUnwritable
from model.store.journal import Journal
from model.store.json_store import JsonStore
from model.store.turn_log import TurnLog
from tests.conftest import Disk
from tests.waiting import wait_until


class Program:
    """One running copy of bnaGPT, as far as it keeps conversations."""

    def __init__(self, folder: Path) -> None:
        self.store = JsonStore(folder / "conversations.json")
        self.journal = Journal(folder / "turns", self.store)

    def begin(self, conversation: Conversation, prompt: str, question_id: str = "") -> tuple[TurnLog, Message]:
        """Begin a turn; an API client may have chosen the id of the conversation."""
        question, answer = conversation.ask(prompt)
        if question_id:
            question.id = answer.parent = question_id
        return self.journal.begin(conversation, question, answer), answer

    def turn(self, conversation: Conversation, prompt: str, text: str, question_id: str = "") -> None:
        """Take a whole turn."""
        log, answer = self.begin(conversation, prompt, question_id)
        say(log, answer, text)
        log.end()


def say(log: TurnLog, answer: Message, text: str) -> None:
    answer.content, answer.status = text, COMPLETE
    log.grow(text)


def die(log: TurnLog) -> None:
    """Leave the turn as a killed program does."""
    log._file.close()
    log._lock.release()


def said(store: JsonStore, conversation_id: str | None) -> list[str]:
    return [message.content for message in store.find(conversation_id).messages]


def saved_anywhere(store: JsonStore) -> list[str]:
    return [m.content for row in store.entries() for m in store.find(row.id).all_messages]


@pytest.fixture(autouse=True)
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be tried again in the background."""
    monkeypatch.setattr("model.store.shared_entries.RETRY_S", 3600.0)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def waiting(program: Program, disk: Disk, conversation: Conversation, prompt: str, text: str) -> None:
    """Take a turn during which the disk gets full."""
    log, answer = program.begin(conversation, prompt)
    say(log, answer, text)
    disk.is_full = True
    with pytest.raises(StoreUnwritable) as told:
        log.end()
    assert "memory" in told.value.hint


def test_it_is_shown_and_listed_and_searchable_meanwhile_and_a_tab_that_looks_sees_that_something_changed(
    program: Program, disk: Disk, tmp_path: Path
):
    before = program.store.stamp()
    conversation = Conversation()
    waiting(program, disk, conversation, "one?", "first")
    assert said(program.store, conversation.id) == ["one?", "first"]
    assert program.store.names() == ["one?"] and program.store.has(conversation.id) and conversation.name == "one?"
    assert program.store.snapshot() is program.store.snapshot()
    assert program.store.stamp() != before
    assert JsonStore(tmp_path / "conversations.json").names() == []


def test_the_next_write_of_anything_brings_it_to_disk(program: Program, disk: Disk, tmp_path: Path):
    conversation = Conversation()
    waiting(program, disk, conversation, "one?", "first")
    disk.is_full = False
    program.store.save("Other", Conversation([Message("user", "other")]))
    fresh = JsonStore(tmp_path / "conversations.json")
    assert fresh.names() == ["Other", "one?"] and said(fresh, conversation.id) == ["one?", "first"]
    assert list((tmp_path / "turns").iterdir()) == []


def test_it_gets_to_disk_by_itself_as_soon_as_that_works(disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("model.store.shared_entries.RETRY_S", 0.01)
    program = Program(tmp_path)
    conversation = Conversation()
    waiting(program, disk, conversation, "one?", "first")
    disk.is_full = False
    wait_until(lambda: not list((tmp_path / "turns").iterdir()))
    assert said(JsonStore(tmp_path / "conversations.json"), conversation.id) == ["one?", "first"]


def test_several_wait_in_their_order_and_the_next_one_goes_on_behind_them(program: Program, disk: Disk, tmp_path: Path):
    conversation = Conversation()
    program.turn(conversation, "zero?", "nought")
    logs = []
    for number in ("one", "two"):
        other = program.store.find(conversation.id)
        log, answer = program.begin(other, f"{number}?")
        say(log, answer, number)
        logs.append(log)
        disk.is_full = True
        with pytest.raises(StoreUnwritable):
            log.end()
        disk.is_full = False  # for the beginning of the next
    assert said(program.store, conversation.id) == ["zero?", "nought", "one?", "one", "two?", "two"]
    program.turn(program.store.find(conversation.id), "three?", "three")
    expected = ["zero?", "nought", "one?", "one", "two?", "two", "three?", "three"]
    assert said(JsonStore(tmp_path / "conversations.json"), conversation.id) == expected


def test_what_others_write_meanwhile_stays(program: Program, disk: Disk, tmp_path: Path):
    conversation = Conversation()
    program.turn(conversation, "zero?", "nought")
    waiting(program, disk, conversation, "one?", "first")
    disk.is_full = False
    elsewhere = JsonStore(tmp_path / "conversations.json")
    elsewhere.rename("zero?", "Renamed")
    elsewhere.save("Other", Conversation([Message("user", "other")]))
    assert program.store.names() == ["Renamed", "Other"]
    program.store.settle()
    assert elsewhere.names() == ["Renamed", "Other"]
    assert said(elsewhere, conversation.id) == ["zero?", "nought", "one?", "first"]


def test_a_conversation_that_is_deleted_while_its_turn_waits_does_not_come_back(
    program: Program, disk: Disk, tmp_path: Path
):
    conversation = Conversation()
    waiting(program, disk, conversation, "one?", "first")
    program.store.delete("one?")  # nothing of it is in the file, so nothing needs room
    assert program.store.names() == [] and list((tmp_path / "turns").iterdir()) == []
    disk.is_full = False
    program.store.settle()
    program.journal.recover()
    assert JsonStore(tmp_path / "conversations.json").names() == []


def test_a_message_that_is_deleted_while_it_waits_does_not_come_back(program: Program, disk: Disk, tmp_path: Path):
    conversation = Conversation()
    program.turn(conversation, "zero?", "nought")
    waiting(program, disk, conversation, "one?", "first")
    answer = program.store.find(conversation.id).messages[-1]
    with pytest.raises(StoreUnwritable):
        program.store.change(conversation.id, [], [answer.id])
    disk.is_full = False
    program.store.change(conversation.id, [], [answer.id])
    program.store.settle()
    assert said(JsonStore(tmp_path / "conversations.json"), conversation.id) == ["zero?", "nought", "one?"]


def test_what_is_said_next_in_the_conversation_does_not_change_what_waits(program: Program, disk: Disk):
    conversation = Conversation()
    waiting(program, disk, conversation, "one?", "first")
    conversation.ask("two?")
    assert said(program.store, conversation.id) == ["one?", "first"]


def test_no_other_program_takes_a_waiting_turn_for_a_leftover(program: Program, disk: Disk, tmp_path: Path):
    conversation = Conversation()
    waiting(program, disk, conversation, "one?", "first")
    disk.is_full = False
    assert Program(tmp_path).journal.recover() == 0
    program.store.settle()
    assert said(JsonStore(tmp_path / "conversations.json"), conversation.id) == ["one?", "first"]


def test_a_file_that_can_not_be_opened_makes_a_turn_wait_too(program: Program, tmp_path: Path):
    conversation = Conversation()
    log, answer = program.begin(conversation, "one?")
    say(log, answer, "first")
    (tmp_path / "conversations.json").mkdir()
    with pytest.raises(StoreUnreadable):
        log.end()
    (tmp_path / "conversations.json").rmdir()
    program.store.settle()
    assert said(JsonStore(tmp_path / "conversations.json"), conversation.id) == ["one?", "first"]


@pytest.mark.parametrize("piece", ["ab", "x" * 1000, "x" * 10_000])
@pytest.mark.parametrize("what", ["text", "thinking"])
def test_a_journal_has_no_hole_where_the_disk_was_full(
    program: Program, disk: Disk, tmp_path: Path, piece: str, what: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("model.store.turn_log.RETRY_S", 0.0)
    conversation = Conversation()
    log, _ = program.begin(conversation, "why?")
    pieces = [f"{number} {piece} " for number in range(30)]
    for number, one in enumerate(pieces):
        disk.is_full = 10 <= number < 20
        try:
            log.gather(**{what: one})
        except StoreUnwritable:
            assert disk.is_full
    die(log)
    assert Program(tmp_path).journal.recover() == 1
    answer = program.store.find(conversation.id).messages[1]
    assert (answer.content if what == "text" else answer.thinking) == "".join(pieces)


def test_a_journal_on_a_disk_that_is_really_full_has_no_hole(small_disk: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("model.store.turn_log.RETRY_S", 0.0)
    program = Program(small_disk)
    log, _ = program.begin(conversation := Conversation(), "why?")
    ballast = small_disk / "ballast"
    refused = 0
    pieces = [f"{number} {'x' * 1000} " for number in range(100)]
    for number, one in enumerate(pieces):
        if number == 30:
            ballast.write_bytes(b"")
            with ballast.open("ab", buffering=0) as file, pytest.raises(OSError, match="No space"):
                while True:
                    file.write(b"x" * 1024)
        if number == 60:
            ballast.unlink()
        try:
            log.gather(one)
        except StoreUnwritable:
            refused += 1
    assert refused
    die(log)
    assert Program(small_disk).journal.recover() == 1
    assert program.store.find(conversation.id).messages[1].content == "".join(pieces)


def test_a_killed_turn_that_can_not_be_saved_at_the_start_is_told_and_shown_and_saved_later(
    program: Program, disk: Disk, tmp_path: Path
):
    conversation = Conversation()
    log, _ = program.begin(conversation, "why?")
    log.grow("because")
    die(log)
    disk.is_full = True
    again = Program(tmp_path)
    assert again.journal.recover() == 0
    [notice] = again.journal.take_notices()
    assert "disk is full" in notice and "saved as soon as" in notice
    assert said(again.store, conversation.id) == ["why?", "because"]
    disk.is_full = False
    again.store.settle()
    fresh = JsonStore(tmp_path / "conversations.json")
    assert [message.status for message in fresh.find(conversation.id).messages] == [COMPLETE, INTERRUPTED]
    assert list((tmp_path / "turns").iterdir()) == []


def test_two_programs_that_begin_one_conversation_under_one_id_lose_neither(program: Program, tmp_path: Path):
    other = Program(tmp_path)
    first, second = Conversation(), Conversation()
    log, answer = program.begin(first, "FIRST?", "mine")
    other.turn(second, "SECOND?", "two", "mine")
    say(log, answer, "one")
    log.end()
    assert saved_anywhere(JsonStore(tmp_path / "conversations.json")) == ["SECOND?", "two", "FIRST?", "one"]
    assert said(program.store, "mine") == ["SECOND?", "two", "FIRST?", "one"]


@pytest.mark.parametrize("times", [1, 2])
def test_a_recovered_turn_never_replaces_another_under_its_id(program: Program, tmp_path: Path, times: int):
    log, _ = program.begin(Conversation(), "FIRST?", "mine")
    log.grow("one")
    leftover = log._path.read_bytes()
    die(log)
    other = Program(tmp_path)
    other.turn(Conversation(), "SECOND?", "two", "mine")
    for _ in range(times):  # a kill between saving and removing makes it come twice
        log._path.write_bytes(leftover)
        assert Program(tmp_path).journal.recover() == 1
    assert said(other.store, "mine") == ["SECOND?", "two", "FIRST?", "one"]


def test_an_answer_that_was_asked_for_again_elsewhere_stays_beside_the_recovered_one(program: Program, tmp_path: Path):
    question, answer = Message("user", "why?"), Message("assistant", "half", status=INTERRUPTED)
    answer.parent = question.id
    program.store.save("Talk", Conversation([question, answer]))
    conversation = program.store.load("Talk")
    retried = Message("assistant", "", id=answer.id, status="streaming", parent=question.id)
    conversation.upsert([retried])
    log = program.journal.begin(conversation, conversation.messages[0], retried)
    log.grow("killed again")
    die(log)
    other = Program(tmp_path)
    elsewhere = other.store.load("Talk")
    fresh = Message("assistant", "", id=answer.id, status="streaming", parent=question.id)
    elsewhere.upsert([fresh])
    whole = other.journal.begin(elsewhere, elsewhere.messages[0], fresh)
    say(whole, fresh, "a whole answer")
    whole.end()
    assert Program(tmp_path).journal.recover() == 1
    assert sorted(saved_anywhere(other.store)) == ["a whole answer", "killed again", "why?"]


def test_an_answer_that_is_asked_for_again_takes_the_place_of_the_one_that_failed(program: Program):
    question, answer = Message("user", "why?"), Message("assistant", "half", status=INTERRUPTED)
    program.store.save("Talk", Conversation([question, answer]))
    conversation = program.store.load("Talk")
    retried = Message("assistant", "", id=answer.id, status="streaming")
    conversation.upsert([retried])
    log = program.journal.begin(conversation, conversation.messages[0], retried)
    say(log, retried, "because")
    log.end()
    assert saved_anywhere(program.store) == ["why?", "because"]
