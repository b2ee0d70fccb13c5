"""Open WebUI's export: a list of chats, each with a tree of messages, and older ones with a plain list.

    {"title", "chat": {"title", "history": {"currentId", "messages": {id: {"parentId", "role", "content", "timestamp",
     "model"}}}, "messages": [...]}}

It follows https://github.com/open-webui/open-webui/blob/main/src/lib/utils/index.ts (`convertMessagesToHistory`) and
the sample https://github.com/danny-avila/LibreChat/blob/main/api/server/utils/import/__data__/openwebui-export.json.
Broken links between messages are known there (open-webui/open-webui#13113): such a message follows the one before it.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from model.chat.message import Message
from model.transfer import foreign
from model.transfer.foreign import Imported, LeftOut, Node, clean, dict_of, grown, in_words, list_of, text_of, time_of

# What the model thought and which tools it used stands in the answer as HTML.
_DETAILS = re.compile(r'<details type="(reasoning|tool_calls|code_interpreter)"([^>]*)>?')
_SUMMARY = re.compile(r"\s*<summary>[^<]*</summary>\s*")
_DURATION = re.compile(r'duration="(\d{1,6})(?:\.\d+)?"')


def matches(data: Any) -> bool:
    return bool({"chat", "history"} & dict_of(data).keys())


def read(data: dict[str, Any]) -> Imported:
    left_out: LeftOut = Counter()
    chat = dict_of(data.get("chat")) or data
    history = dict_of(chat.get("history"))
    nodes = list(_nodes(chat, history, left_out))
    title = clean(data.get("title")) or clean(chat.get("title"))
    return Imported(title, grown(nodes, clean(history.get("currentId"))), left_out)


def _nodes(chat: dict[str, Any], history: dict[str, Any], left_out: LeftOut) -> Iterator[Node]:
    """Yield the messages of the tree; of the plain list where there is no tree."""
    tree = dict_of(history.get("messages"))
    before = ""
    for message_id, data in tree.items() or [("", data) for data in list_of(chat.get("messages"))]:
        message = dict_of(data)
        node_id = clean(message_id) or clean(message.get("id"))
        parent = message.get("parentId") if tree or "parentId" in message else before
        yield Node(node_id, clean(parent), _message(message, left_out))
        before = node_id or "?"  # a link that leads nowhere means the one before


def _message(data: dict[str, Any], left_out: LeftOut) -> Message | None:
    missing: LeftOut = Counter()
    for file in list_of(data.get("files")):
        missing[foreign.IMAGE if dict_of(file).get("type") == "image" else foreign.FILE] += 1
    thoughts: list[tuple[str, float]] = []
    text = _without_details(text_of(data.get("content"), missing), missing, thoughts)
    role = data.get("role")
    is_taken = role in ("user", "assistant", "system") and bool(text or missing or thoughts)
    if not is_taken:
        missing[foreign.WITHOUT_TEXT] += 1
    left_out.update(missing)
    if not is_taken:
        return None
    content = text or (f"[{in_words(missing)}]" if missing else "")
    message = Message(str(role), content, created_at=time_of(data.get("timestamp")))
    if thoughts:
        message.thinking = "\n\n".join(text for text, _ in thoughts)
        message.thinking_s = sum(seconds for _, seconds in thoughts) or None
    message.model_name = clean(data.get("model")) or None if role == "assistant" else None
    return message


def _without_details(text: str, missing: LeftOut, thoughts: list[tuple[str, float]]) -> str:
    """Return an answer without its thoughts, which go into a list, and without its tool steps, which are counted."""
    kept, end = [], 0
    while begin := _DETAILS.search(text, end):
        closing = text.find("</details>", begin.end())
        if closing < 0:
            break
        if begin[1] == "reasoning":
            if thought := _thought(text[begin.end() : closing]):
                seconds = _DURATION.search(begin[2])
                thoughts.append((thought, float(seconds[1]) if seconds else 0.0))
        else:
            missing[foreign.TOOL_STEP] += 1
        kept.append(text[end : begin.start()])
        end = closing + len("</details>")
    return "".join([*kept, text[end:]]).strip() if kept else text


def _thought(inner: str) -> str:
    """Return what was thought: it is quoted, and its marks may be escaped."""
    lines = html.unescape(_SUMMARY.sub("", inner, count=1)).strip().splitlines()
    return "\n".join(line.removeprefix(">").removeprefix(" ") for line in lines).strip()
