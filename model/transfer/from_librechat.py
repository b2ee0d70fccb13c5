"""LibreChat's export: one conversation, its messages as a list that names parents, or each with its `children` in it.

    {"conversationId", "title", "recursive", "options": {"promptPrefix", "temperature"}, "messages": [{"messageId",
     "parentMessageId", "isCreatedByUser", "text", "content", "model", "createdAt", "children"}]}

It follows https://github.com/danny-avila/LibreChat/blob/main/client/src/hooks/Conversations/useExportConversation.ts,
which writes `messagesTree` for some, and the samples in `api/server/utils/import/__data__` there.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from model.chat.message import FAILED, INTERRUPTED, Message
from model.transfer import foreign
from model.transfer.foreign import Imported, LeftOut, Node, clean, dict_of, grown, in_words, list_of, text_of, time_of

_MARKED = re.compile(r"\s*:::thinking\n(.*?)\n?:::\s*", re.DOTALL)  # how older versions wrote thoughts
NO_PARENT = "00000000-0000-0000-0000-000000000000"


def matches(data: Any) -> bool:
    keys = dict_of(data).keys()
    return "messagesTree" in keys or {"conversationId", "messages"} <= keys


def read(data: dict[str, Any]) -> Imported:
    left_out: LeftOut = Counter()
    messages = data.get("messagesTree") or data.get("messages")
    roots = [messages] if isinstance(messages, dict) else list_of(messages)
    conversation = grown([_node(message, parent, left_out) for message, parent in _flat(roots)])
    options = dict_of(data.get("options"))
    temperature = options.get("temperature")
    chosen: dict[str, Any] = {"instructions": clean(options.get("promptPrefix"))}
    if type(temperature) in (int, float):
        chosen["temperature"] = temperature
    if conversation.messages:
        conversation.choose(**chosen)
    return Imported(clean(data.get("title")), conversation, left_out)


def _flat(roots: list[Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each message with its parent's id: the one it stands in, else the one it names."""
    waiting = [(root, "") for root in reversed(roots)]
    while waiting:
        value, outer = waiting.pop()
        message = dict_of(value)
        named = clean(message.get("parentMessageId"))
        yield message, outer or ("" if named == NO_PARENT else named)
        own_id = clean(message.get("messageId"))
        waiting += [(child, own_id) for child in reversed(list_of(message.get("children")))]


def _node(data: dict[str, Any], parent: str, left_out: LeftOut) -> Node:
    missing: LeftOut = Counter()
    missing[foreign.FILE] += len(list_of(data.get("files")) or list_of(data.get("attachments")))
    thoughts: list[str] = []
    text = text_of(data.get("content"), missing, thoughts) or text_of(data.get("text"), missing)
    if not _is_question(data) and (marked := _MARKED.match(text)):
        thoughts, text = [*thoughts, marked[1].strip()], text[marked.end() :]
    missing = +missing
    is_taken = bool(text or missing or thoughts)
    if not is_taken:
        missing[foreign.WITHOUT_TEXT] += 1
    left_out.update(missing)
    message = _message(data, text or (f"[{in_words(missing)}]" if missing else "")) if is_taken else None
    if message and not _is_question(data):
        message.thinking = "\n\n".join(thoughts) or None
    return Node(clean(data.get("messageId")), parent, message)


def _is_question(data: dict[str, Any]) -> bool:
    return bool(data.get("isCreatedByUser", data.get("sender") == "User"))


def _message(data: dict[str, Any], text: str) -> Message:
    is_question = _is_question(data)
    message = Message("user" if is_question else "assistant", text, created_at=time_of(data.get("createdAt")))
    if is_question:
        return message
    message.model_name = clean(data.get("model")) or None
    if data.get("error") is True:
        message.status, message.error = FAILED, "This answer had failed in LibreChat."
    elif data.get("unfinished") is True:
        message.status = INTERRUPTED
    return message
