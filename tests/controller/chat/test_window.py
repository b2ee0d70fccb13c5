"""What the model gets to see: what fits, cut in big steps, the same beginning for many turns."""

import pytest

from controller.chat.window import Window, fit
from controller.tokens import count_tokens
from model.chat.conversation import Conversation
from model.chat.message import FAILED, STOPPED, Message
from model.errors import ContextWindowExceeded
from model.providers.provider import PROVIDERS, Endpoint


def endpoint(context_window: int = 1000) -> Endpoint:
    return Endpoint(PROVIDERS[2], "http://127.0.0.1/v1", "scripted", context_window, 5, "")


def spoken(count: int, token_count: int = 50) -> list[Message]:
    return [Message(("user", "assistant")[i % 2], f"message {i}", token_count=token_count) for i in range(count)]


def question(token_count: int = 50) -> Message:
    return Message("user", "the question", token_count=token_count)


def take_turns(conversation: Conversation, turns: int, target: Endpoint) -> list[Window]:
    windows = []
    for _ in range(turns):
        asked, answer = conversation.ask("Q")
        asked.token_count = answer.token_count = 50
        window = fit(conversation.messages[:-2], asked, target)
        answer.content, answer.status = "A", "complete"
        answer.view_begins_at, answer.context_window = window.begins_at, target.context_window
        windows.append(window)
    return windows


def test_everything_is_sent_while_it_fits():
    history, asked = spoken(10), question()
    window = fit(history, asked, endpoint())
    assert window.messages == [*history, asked]
    assert window.token_count == 550
    assert window.begins_at == history[0].id


def test_an_overfull_window_drops_to_about_half():
    window = fit(spoken(20), question(), endpoint())
    assert 300 <= window.token_count <= endpoint().prompt_limit // 2
    assert window.messages[0].role == "user"


def test_the_beginning_stays_for_many_turns():
    windows = take_turns(Conversation(), 60, endpoint())
    beginnings = [window.begins_at for window in windows]
    moves = sum(a != b for a, b in zip(beginnings, beginnings[1:], strict=False))
    assert all(window.token_count <= endpoint().prompt_limit for window in windows)
    assert 0 < moves <= len(windows) / 3
    assert beginnings == sorted(beginnings, key=beginnings.index), "the cut never goes back"


def test_a_larger_window_sees_more_again():
    conversation = Conversation()
    take_turns(conversation, 30, endpoint())
    window = fit(conversation.messages, question(), endpoint(100_000))
    assert window.begins_at == conversation.messages[0].id


def test_instructions_survive_every_cut():
    instructions = Message("system", "Answer in Spanish.", token_count=50)
    window = fit([instructions, *spoken(60)], question(), endpoint())
    assert window.messages[0] is instructions
    assert window.messages[1].role == "user"


def test_a_question_that_alone_is_too_long_is_told_with_size_and_limit():
    with pytest.raises(ContextWindowExceeded, match="about 2,000 tokens long; scripted takes up to 750"):
        fit(spoken(4), question(2000), endpoint())


def test_failed_and_unanswered_questions_are_left_out():
    history = spoken(2)
    failed = [Message("user", "failed", status=FAILED), Message("assistant", "half", status=FAILED)]
    stopped = [Message("user", "stopped at once"), Message("assistant", "", status=STOPPED)]
    stopped_later = [Message("user", "stopped"), Message("assistant", "half an ans", status=STOPPED)]
    window = fit([*history, *failed, *stopped, *stopped_later], question(), endpoint())
    assert [m.content for m in window.messages] == ["message 0", "message 1", "stopped", "half an ans", "the question"]


def test_only_what_is_looked_at_is_counted():
    history = [Message(("user", "assistant")[i % 2], "word " * 50) for i in range(10_000)]
    fit(history, question(), endpoint())
    assert sum(message.token_count is not None for message in history) < 40


def test_a_message_is_counted_once_and_remembers_it():
    message = Message("user", "The quick brown fox jumps over the lazy dog.")
    assert count_tokens(message) == message.token_count == 14
