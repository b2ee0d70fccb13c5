"""ChatGPT's export: `conversations.json`, a list of conversations, each a tree of messages.

    {"title", "current_node", "default_model_slug", "mapping": {node id: {"parent", "message": {"author": {"role"},
     "create_time", "content": {"content_type", "parts"}, "metadata": {"model_slug", "content_references"},
     "recipient"}}}}

OpenAI publishes no description; this follows
https://github.com/mitkury/chatgpt-export-parser/blob/main/docs/chatgpt-data-export-format.md and the samples in
https://github.com/danny-avila/LibreChat/tree/main/api/server/utils/import/__data__. Taken are all branches of what the
person and the model said, and what the model thought before its answers. Left out are tool steps, pictures and what
ChatGPT hides.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from model import imported
from model.import_chatgpt_marks import readable
from model.import_tree import Node, grown
from model.imported import Imported, LeftOut, clean, dict_of, list_of, text_of, time_of, told
from model.message import Message

_ROLES = ("user", "assistant", "system")
MOST_STEPS = 1_000  # thoughts and tool steps before one answer
MOST_SECONDS = 10**6
_THOUGHTS = ("thoughts", "reasoning_recap")
_RUN_OR_WRITTEN = ("python", "canmore")  # tools whose input is worth reading: code, and documents


def matches(data: Any) -> bool:
    """Tell whether this is one of ChatGPT's conversations."""
    return "mapping" in dict_of(data)


def read(data: dict[str, Any]) -> Imported:
    """Return the conversation."""
    left_out: LeftOut = Counter()
    nodes = [_node(node_id, dict_of(node), left_out) for node_id, node in dict_of(data["mapping"]).items()]
    for answer in [node.message for node in nodes if node.message and node.message.role == "assistant"]:
        answer.model_name = answer.model_name or clean(data.get("default_model_slug")) or None
    _give_thoughts(nodes, dict_of(data["mapping"]), left_out)
    return Imported(clean(data.get("title")), grown(nodes, clean(data.get("current_node"))), left_out)


def _node(node_id: str, node: dict[str, Any], left_out: LeftOut) -> Node:
    message = dict_of(node.get("message"))
    return Node(clean(node_id), clean(node.get("parent")), _message(message, left_out) if message else None)


def _give_thoughts(nodes: list[Node], mapping: dict[str, Any], left_out: LeftOut) -> None:
    """Put what was thought on the answers that it led to; thoughts stand above them, with tool steps between."""
    above = {node.id: node for node in nodes}
    contents = {clean(key): dict_of(dict_of(node).get("message")) for key, node in mapping.items()}
    thoughts = {key: text for key, data in contents.items() if (text := _thought(dict_of(data.get("content"))))}
    given: set[str] = set()
    for answer in (node for node in nodes if node.message and node.message.role == "assistant"):
        way = list(_way_up(answer, above))
        found = [node.id for node in way if node.id in thoughts]
        given.update(found)
        assert answer.message
        answer.message.thinking = "\n\n".join(thoughts[key] for key in found) or None
        answer.message.thinking_s = sum(_seconds(contents[node.id]) for node in way) or None
    if lost_count := len(thoughts.keys() - given):
        left_out[imported.THOUGHT] += lost_count


def _way_up(node: Node, above: dict[str, Node]) -> Iterator[Node]:
    """Yield the nodes without a message that lead to this one, the first first."""
    way: list[Node] = []
    while (parent := above.get(node.parent)) and not parent.message and len(way) < MOST_STEPS:
        way.append(parent)
        node = parent
    yield from reversed(way)


def _thought(content: dict[str, Any]) -> str:
    """Return what was thought, each thought under its heading."""
    if content.get("content_type") != "thoughts":
        return ""
    parts = [dict_of(part) for part in list_of(content.get("thoughts"))]
    told_parts = ((clean(part.get("summary")).strip(), clean(part.get("content")).strip()) for part in parts)
    return "\n\n".join(
        "\n\n".join(filter(None, (summary and f"**{summary}**", text)))
        for summary, text in told_parts
        if summary or text
    )


def _seconds(message: dict[str, Any]) -> float:
    """Return how long was thought, as the recapitulation of a thought tells it."""
    seconds: Any = dict_of(message.get("metadata")).get("finished_duration_sec")
    return float(seconds) if type(seconds) in (int, float) and 0 < seconds < MOST_SECONDS else 0.0


def _message(data: dict[str, Any], left_out: LeftOut) -> Message | None:
    """Return the message; None for one that is not part of the talk."""
    missing: LeftOut = Counter()
    role, metadata = dict_of(data.get("author")).get("role"), dict_of(data.get("metadata"))
    content = dict_of(data.get("content"))
    kind, text = content.get("content_type"), _text(content, metadata.get("content_references"), missing)
    aside = _aside(data, text)
    if aside:
        missing[aside] += 1
    missing[imported.FILE] += len([file for file in list_of(metadata.get("attachments")) if not _is_image(file)])
    missing = +missing
    left_out.update(missing)
    if aside or kind in _THOUGHTS or role not in _ROLES or not (text or missing):
        return None
    # A question that was only a picture keeps its place, else its answer would stand alone.
    message = Message(str(role), text or f"[{told(missing)}]", created_at=time_of(data.get("create_time")))
    if role == "assistant":
        message.model_name = clean(metadata.get("model_slug") or metadata.get("default_model_slug")) or None
    return message


def _aside(data: dict[str, Any], text: str) -> str:
    """Return as what a message is left out; "" when it is part of the talk, or was empty from the start."""
    role, kind = dict_of(data.get("author")).get("role"), dict_of(data.get("content")).get("content_type")
    recipient = clean(data.get("recipient")) or "all"
    if kind == "user_editable_context":
        return imported.INSTRUCTIONS
    if dict_of(data.get("metadata")).get("is_visually_hidden_from_conversation"):
        return imported.HIDDEN if text else ""
    if kind in _THOUGHTS:
        return ""
    if role == "tool" or (recipient != "all" and not recipient.startswith(_RUN_OR_WRITTEN)):
        return imported.TOOL_STEP
    return imported.WITHOUT_TEXT if role not in _ROLES else ""


def _text(content: dict[str, Any], references: Any, missing: LeftOut) -> str:
    """Return the text of a message, and count what in it is no text."""
    kind, body = content.get("content_type"), content.get("parts", content.get("text"))
    if kind in _THOUGHTS:
        return ""
    text, count = readable(text_of(body, missing), references)
    if count:
        missing[imported.SOURCE] += count
    if kind != "code" or not text:
        return text
    language = clean(content.get("language"))
    return f"```{language if language.isalnum() and language != 'unknown' else ''}\n{text}\n```"


def _is_image(file: Any) -> bool:
    """Tell whether an attachment is a picture: those are counted where they stand among the parts."""
    return clean(dict_of(file).get("mime_type")).startswith("image/")
