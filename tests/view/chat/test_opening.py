"""Who answers in a conversation, whatever its file says."""

from typing import Any

import pytest

from model.chat.conversation import Conversation
from model.chat.message import Message
from view.chat.transcript import Avatar, avatar_of


def told(**assistant: Any) -> Conversation:
    return Conversation([Message("system", "You cook.", assistant=assistant), Message("user", "Soup?")])


def test_an_assistants_emoji_and_name_stand_beside_its_answers():
    assert avatar_of(told(id="cook", name="Cook", emoji="🍲")) == Avatar("🍲", "assistant Cook")


def test_without_an_assistant_the_face_is_the_ordinary_one():
    assert avatar_of(Conversation()) == avatar_of(Conversation([Message("system", "Be brief.")])) == Avatar()


@pytest.mark.parametrize("emoji", ["", "/etc/passwd", "http://127.0.0.1/x.png", ":material/x:", "🍲" * 13, 5, None])
def test_what_is_no_emoji_is_not_drawn(emoji: object):
    assert avatar_of(told(name="Cook", emoji=emoji)).avatar == "💬"


@pytest.mark.parametrize("emoji", ["´", "^", "🍲🍲"])
def test_an_emoji_that_streamlit_does_not_know_is_not_taken_for_a_file(emoji: str):
    assert avatar_of(told(name="Cook", emoji=emoji)).avatar == Avatar().avatar


def test_a_hostile_name_is_one_short_line():
    assert avatar_of(told(name="a\n\u202eb" + "c" * 500)).label == "assistant a b" + "c" * 77
