"""What a request carries, as Messages, before any library gives it another form.

The same functions serve the request itself and "What the model saw", which makes it once more later; so the two can't
drift apart. It leaves out what fits: that is `controller/window.py`.
Read next: `controller/seen.py`.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from model.conversation import Conversation
from model.message import Message
from model.provider import Provider
from utils.json_text import one_line


def history_of(conversation: Conversation, question: Message) -> list[Message]:
    """Return what a model may know when it is asked a question: what was said before it."""
    return conversation.messages[: conversation.index_of(question.id)]


def with_primer(provider: Provider, messages: Sequence[Message]) -> list[Message]:
    """Return the messages with those before them that the provider's models need."""
    return [*(Message(role, content) for role, content in provider.primer), *messages]


def digest(rows: Sequence[dict[str, Any]]) -> str:
    """Return the SHA-256 of a request's messages: equal messages have equal ones, and no others do."""
    return sha256(one_line(rows)).hexdigest()
