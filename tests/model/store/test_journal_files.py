"""What recovery does with the files of turns that are torn, damaged or incomplete."""

import pytest

from model.chat.conversation import Conversation
from model.chat.message import COMPLETE, INTERRUPTED, Message
from model.store.journal import Journal
from model.store.json_store import JsonStore
from model.store.turn_log import LogLine, first_lines, line

QUESTION, ANSWER = Message("user", "why?"), Message("assistant", "", status="streaming")
WHOLE = (
    first_lines(Conversation([QUESTION, ANSWER]), [], QUESTION, ANSWER)
    + line(LogLine(text="be"))
    + line(LogLine(text="cause"))
)


@pytest.fixture
def store(tmp_path):
    return JsonStore(tmp_path / "saved.json")


@pytest.fixture
def journal(tmp_path, store):
    (tmp_path / "turns").mkdir()
    return Journal(tmp_path / "turns", store)


def recovered_answer(journal, data: bytes) -> Message:
    (journal._folder / "1.jsonl").write_bytes(data)
    assert journal.recover() == 1
    answer: Message = journal._store.find(QUESTION.id).messages[1]
    return answer


def test_a_torn_last_line_is_left_out(journal):
    for cut in range(1, len(line(LogLine(text="cause")))):
        answer = recovered_answer(journal, WHOLE[:-cut])
        assert answer.content in ("be", "because")
        assert answer.status == INTERRUPTED
    assert journal.take_notices() == []


def test_nothing_after_a_torn_line_is_believed(journal):
    torn = WHOLE.replace(b'"text": "be"', b'"text": "b')
    assert recovered_answer(journal, torn).content == ""


def test_an_answer_that_stands_there_whole_is_taken_as_it_ended(journal):
    ended = Message("assistant", "because!", id=ANSWER.id, model_name="m")
    answer = recovered_answer(journal, WHOLE + line(LogLine(answer=ended.to_dict())))
    assert answer == ended and answer.status == COMPLETE


def test_half_an_emoji_in_a_piece_of_text_breaks_nothing(journal):
    assert recovered_answer(journal, WHOLE + line(LogLine(text="\ud83d"))).content == "because?"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 50,
        b"rubbish\n",
        b"[]\n",
        WHOLE[:30],
        line(LogLine(text="x")),
        b"\xff\xfe",
        WHOLE.split(b"\n")[0],
        b"[" * 99999,
    ],
    ids=range(9),  # the data holds random ids, and a test's name should be the same in every run
)
def test_a_file_that_can_not_be_read_is_set_aside_once_and_told(journal, data):
    (journal._folder / "1.jsonl").write_bytes(data)
    (journal._folder / "2.jsonl").write_bytes(WHOLE)
    assert journal.recover() == 1
    [aside] = journal._folder.glob("1.unreadable-*.jsonl")
    assert aside.read_bytes() == data
    [notice] = journal.take_notices()
    assert aside.name in notice
    assert journal.recover() == 0
    assert journal.take_notices() == []
    assert [path.name for path in journal._folder.iterdir()] == [aside.name]


def test_a_lock_without_a_turn_is_cleared_away(journal):
    (journal._folder / "1.jsonl.lock").write_bytes(b"")
    assert journal.recover() == 0
    assert [path.name for path in journal._folder.iterdir()] == []


def test_a_first_start_has_nothing_to_recover(tmp_path):
    journal = Journal(tmp_path / "new" / "turns", JsonStore(tmp_path / "a" / "b.json"))
    assert journal.recover() == 0


def test_notices_of_the_store_are_handed_on(tmp_path, store):
    store.path.write_bytes(b"x")
    store.names()
    journal = Journal(tmp_path / "turns", store)
    assert len(journal.take_notices()) == 1
    assert journal.take_notices() == []
