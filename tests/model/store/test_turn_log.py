"""What an answer has become is on disk within a second, whether or not more comes."""

from pathlib import Path

import pytest

from model.chat.conversation import Conversation
from model.store.journal import MOST_AT_ONCE, Journal
from model.store.json_store import JsonStore
from model.store.turn_log import TurnLog
from tests.waiting import wait_until


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "turns", JsonStore(tmp_path / "conversations.json"))


def begin(journal: Journal) -> TurnLog:
    conversation = Conversation()
    return journal.begin(conversation, *conversation.ask("why?"))


def test_an_answer_alone_is_on_disk_at_once_and_many_make_room_for_each_other(journal: Journal, tmp_path: Path):
    log = begin(journal)
    log.gather("because ")
    log.gather("of the rain")
    [file] = (tmp_path / "turns").glob("*.jsonl")
    assert "of the rain" in file.read_text()
    others = [begin(journal) for _ in range(MOST_AT_ONCE - 1)]
    assert log.pause_s() == 0 and not journal.is_crowded()
    others.append(begin(journal))
    assert log.pause_s() == others[-1].pause_s() > 0 and journal.is_crowded()
    for one in (log, *others):
        one.end()


def test_words_are_on_disk_soon_though_no_more_come(journal: Journal, tmp_path: Path):
    log = begin(journal)
    log.pause_s = lambda: 60.0
    log.gather("because ")
    log.gather("of the rain")
    [file] = (tmp_path / "turns").glob("*.jsonl")
    assert "of the rain" not in file.read_text()
    wait_until(lambda: "of the rain" in file.read_text())
    log.end()
