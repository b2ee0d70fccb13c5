"""Conversations that are made in a line, and what was said in one."""

from model.chat.conversation import Conversation
from model.chat.message import Message


def talk(*contents: str) -> Conversation:
    """Return a conversation in which person and model say this in turn."""
    return Conversation([Message("user" if n % 2 == 0 else "assistant", text) for n, text in enumerate(contents)])


def contents(conversation: Conversation) -> list[str]:
    """Return what was said in a conversation."""
    return [message.content for message in conversation.messages]
