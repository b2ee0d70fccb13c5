"""What an answer has become is on disk within a second, whether or not more comes."""

import time
from pathlib import Path

from model.conversation import Conversation
from model.journal import Journal
from model.store import JsonStore


def test_words_are_on_disk_soon_though_no_more_come(tmp_path: Path):
    conversation = Conversation()
    question, answer = conversation.ask("why?")
    journal = Journal(tmp_path / "turns", JsonStore(tmp_path / "conversations.json"))
    log = journal.begin(conversation, question, answer)
    log.gather("because ")
    log.gather("of the rain")
    [file] = (tmp_path / "turns").glob("*.jsonl")
    deadline_at = time.monotonic() + 30
    while "of the rain" not in file.read_text() and time.monotonic() < deadline_at:
        time.sleep(0.02)
    assert "of the rain" in file.read_text()
    log.end()
