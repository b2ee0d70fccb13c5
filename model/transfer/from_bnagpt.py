"""bnaGPT's own conversations: a list of messages, or an object with `messages`; unknown keys are kept."""

from collections import Counter
from typing import Any

import msgspec

from model.chat.conversation import Conversation
from model.chat.message import INTERRUPTED, STREAMING
from model.store.file_format import entry_of, messages_of
from model.transfer import foreign
from model.transfer.foreign import Imported, clean, dict_of
from utils.json_tools import text as json_text


def is_message(data: Any) -> bool:
    """Return whether this is a message; the parts of its content may still be no text."""
    return isinstance(dict_of(data).get("role"), str) and isinstance(dict_of(data).get("content"), str)


def read(data: Any, name: str = "") -> Imported:
    """Return the conversation. Raises: ValueError when this is no conversation."""
    found = data if isinstance(data, list) else dict_of(data).get("messages")
    if not isinstance(found, list):
        raise ValueError("not a conversation")
    good = [message for message in found if is_message(message)]
    # The file's own reader gives ids to messages without any, the same ones each time.
    entry = entry_of(name, msgspec.Raw(json_text.json_line(good)))
    messages = messages_of(name, entry)
    for message in messages:
        if message.status == STREAMING:
            message.status = INTERRUPTED  # whoever writes on it does so elsewhere
        # Only the person here can let a conversation send words out, not the one whose file it is.
        for permission in ("sends_unasked", "writes_unasked", "calls_unasked"):
            (message.conversation or {}).pop(permission, None)
    conversation = Conversation.of_all(messages)
    around = {key: value for key, value in dict_of(data).items() if key != "messages"}
    if around and messages:
        first = conversation.all_messages[0]
        first.conversation = (first.conversation or {}) | {"imported": around}
    title = clean(name) or clean(around.get("title")) or clean(around.get("name"))
    left_out = Counter({foreign.WITHOUT_TEXT: len(found) - len(good)})
    return Imported(title, conversation, +left_out)
