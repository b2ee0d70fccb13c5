"""Whatever is deleted, edited, asked again and forked, and whatever the clock says: one conversation stays one."""

from collections.abc import Iterator
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.history.editing import Changes
from model.chat import branch_changes
from model.chat.conversation import Conversation
from model.chat.message import COMPLETE, Message
from model.store.journal import Journal
from model.store.json_store import JsonStore

CLOCK = st.sampled_from(
    ["2026-01-01T12:00:00+00:00", "2026-01-01T12:00:00+14:00", "2020-05-05T00:00:00Z", "2199-01-01T00:00:00+00:00"]
    + ["9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+14:00", "", "yesterday", "2026-01-01T11:59:59.999999+00:00"]
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "edit", "again", "retry", "delete", "delete branch", "fork", "show", "reload"]),
        st.integers(0, 30),
        CLOCK,
    ),
    min_size=1,
    max_size=12,
)


@pytest.fixture(autouse=True, scope="module")
def no_waiting_for_the_disk() -> Iterator[None]:
    with mock.patch("os.fsync"):  # nobody pulls the plug here
        yield


class Talk:
    """One conversation on disk and as a page holds it."""

    def __init__(self, folder) -> None:
        self.store = JsonStore(folder / "conversations.json")
        self.journal = Journal(folder / "journal", self.store)
        self.changes = Changes(self.store)
        self.conversation = Conversation()
        self.count = 0
        self.turn(*self.conversation.ask("start"))

    def turn(self, question: Message, answer: Message) -> None:
        log = self.journal.begin(self.conversation, question, answer)
        self.count += 1
        answer.content, answer.status = f"answer {self.count}", COMPLETE
        log.end()

    def take(self, step: str, place: int) -> None:
        """Take a step as the page does."""
        talk, messages = self.conversation, self.conversation.messages
        questions = [message for message in messages if message.role == "user"]
        answers = [message for message in messages if talk.question_of(message)]
        match step:
            case "ask":
                self.turn(*talk.ask(f"question {self.count}"))
            case "edit" if questions:
                question = branch_changes.add_question_version(
                    talk, questions[place % len(questions)], f"question {self.count}"
                )
                self.turn(question, talk.answer_to(question))
                assert talk.messages[-2:-1] == [question]
            case "again" | "retry" if answers:
                answer = answers[place % len(answers)]
                asked = talk.question_of(answer)
                assert asked
                branch_changes.set_aside(talk, answer)
                self.turn(asked, talk.answer_to(asked))
            case "delete" | "delete branch" if messages:
                delete = self.changes.delete_message if step == "delete" else self.changes.delete_branch
                self.conversation, _ = delete(talk, messages[place % len(messages)])
            case "fork" if messages:
                self.changes.fork(talk, messages[place % len(messages)])
            case "show" if talk.beside:
                self.changes.show(talk, talk.beside[place % len(talk.beside)])
            case "reload":
                self.conversation = self.store.find(talk.id)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
def test_one_conversation_stays_one_and_a_new_version_is_always_shown(tmp_path_factory, steps):
    talk, forked = Talk(tmp_path_factory.mktemp("talk")), 0
    for step, place, moment in steps:
        before, had_messages = talk.conversation.id, bool(talk.conversation.messages)
        with mock.patch("model.chat.conversation.now", lambda moment=moment: moment):
            with mock.patch("model.chat.branch_changes.now", lambda moment=moment: moment):
                talk.take(step, place)
        forked += step == "fork" and had_messages
        if not talk.conversation.all_messages:  # all of it is deleted
            return
        if not step.startswith("delete"):
            assert talk.conversation.id == before, "what is shown is not what it is"
        assert len(talk.store.names()) == 1 + forked, "it is saved a second time"
        saved = talk.store.find(talk.conversation.id)
        shown = [(message.id, message.content) for message in talk.conversation.messages]
        assert [(message.id, message.content) for message in saved.messages] == shown
        assert {message.id for message in saved.all_messages} == {m.id for m in talk.conversation.all_messages}
