"""Several programs at once, and programs that are killed: nothing that was said to be saved is lost."""

import os
import time
from pathlib import Path

import pytest

from model.chat.conversation import Conversation
from model.chat.message import INTERRUPTED, Message
from model.store.journal import Journal
from model.store.json_store import JsonStore
from tests.children import all_lines, child, killed_at_a_random_moment
from tests.waiting import daily

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]

TURNS, KILLS = daily(100, 500), daily(30, 200)


def test_two_programs_that_write_at_once_lose_no_turn(tmp_path):
    path = tmp_path / "conversations.json"
    conversation = Conversation([Message("user", "start")])
    JsonStore(path).save("A", conversation)

    def write(acknowledge):
        store = JsonStore(path)
        for _ in range(TURNS):
            message = Message("user", "x")
            store.write(conversation.id, [message])
            acknowledge(message.id)

    with child(write) as (_, first), child(write) as (_, second):
        acknowledged = [*all_lines(first), *all_lines(second)]
    ids = [str(message.id) for message in JsonStore(path).load("A").messages]
    assert len(acknowledged) == 2 * TURNS
    assert sorted(ids) == sorted([str(conversation.id), *acknowledged])


def test_kills_never_break_the_file_nor_lose_a_turn_that_was_acknowledged(tmp_path):
    path = tmp_path / "conversations.json"
    conversation = Conversation([Message("user", "start")])
    store = JsonStore(path)
    store.save("A", conversation)
    store.save("Other", Conversation([Message("user", "x" * 100_000)]))
    expected: set[str] = set()

    def write(acknowledge):
        own = JsonStore(path)
        while True:
            message = Message("user", "x")
            own.write(conversation.id, [message])
            acknowledge(message.id)

    for _ in range(KILLS):
        expected.update(killed_at_a_random_moment(write, longest_s=0.004))
        assert expected <= {message.id for message in store.load("A").messages}
    assert len(store.load("Other").messages[0].content) == 100_000
    assert store.take_notices() == []
    assert len(expected) >= KILLS


def test_kills_in_mid_turn_lose_no_question_and_no_text_that_was_acknowledged(tmp_path):
    journal, store = open_journal(tmp_path)
    saved = Conversation([Message("user", "start")])
    store.save("A", saved)

    def answer_questions(acknowledge):
        own, _ = open_journal(tmp_path)
        for conversation in (store.find(saved.id), Conversation()):
            for _ in range(20):
                question, answer = conversation.ask("?")
                log = own.begin(conversation, question, answer)
                acknowledge(f"{conversation.id} {question.id} {answer.id} begun")
                for word in range(30):
                    answer.content += f"{word} "
                    log.grow(f"{word} ")
                    time.sleep(0.0002)
                    acknowledge(f"{conversation.id} {question.id} {answer.id} {word}")
                answer.status = "complete"
                log.end()
                acknowledge(f"{conversation.id} {question.id} {answer.id} ended")

    interrupted = 0
    for _ in range(KILLS):
        lines = killed_at_a_random_moment(answer_questions, longest_s=0.03)
        journal.recover()
        last = {line.rsplit(" ", 1)[0]: line.rsplit(" ", 1)[1] for line in lines}
        for turn, progress in last.items():
            conversation_id, question_id, answer_id = turn.split()
            messages = {message.id: message for message in store.find(conversation_id).messages}
            assert messages[question_id].content == "?"
            answer = messages[answer_id]
            if progress == "ended":
                assert answer.status == "complete"
            elif progress != "begun":
                assert f"{progress} " in answer.content
            interrupted += answer.status == INTERRUPTED
    assert interrupted > KILLS // 5
    assert journal.take_notices() == []
    assert [path.name for path in (tmp_path / "turns").iterdir() if "half" not in path.name] == []


def open_journal(folder: Path) -> tuple[Journal, JsonStore]:
    store = JsonStore(folder / "conversations.json")
    return Journal(folder / "turns", store), store
