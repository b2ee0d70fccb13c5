"""ChatGPT's export: `conversations.json`, a list of conversations, each a tree of messages.

    {"title", "current_node", "default_model_slug", "mapping": {node id: {"parent", "message": {"author": {"role"},
     "create_time", "content": {"content_type", "parts"}, "metadata": {"model_slug", "content_references"},
     "recipient"}}}}

A mark in a text is U+E200, its kind, U+E202, its fields with U+E202 between them, U+E201. OpenAI publishes none of it;
this follows https://github.com/mitkury/chatgpt-export-parser/blob/main/docs/chatgpt-data-export-format.md,
https://github.com/danny-avila/LibreChat/tree/main/api/server/utils/import/__data__,
https://github.com/daugaard47/ChatGPT_Conversations_To_Markdown/issues/8 and
https://github.com/pionxzh/chatgpt-exporter/pull/330.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from model.chat.message import Message
from model.transfer import foreign
from model.transfer.foreign import Imported, LeftOut, Node, clean, dict_of, grown, in_words, list_of, text_of, time_of

_MARK = re.compile("\ue200([^\ue200\ue201]*)\ue201")
_BARE = re.compile("[\ue200-\ue206]")  # what is left of a mark that was broken off
_REFERENCE = re.compile(r"(?:turn\d+\w+|L\d+(?:-L\d+)?|\d+)(?:,\s*turn\d+\w+)*")
_LINK = re.compile(r"https?://[^\s<>]+")
# Marks that stand for something beside the text: its source, a card, a map, pictures.
_WITHOUT_WORDS = ("cite", "filecite", "memcite", "entity_metadata", "i", "image_group", "map", "memory")

_WIDGET = "genui"  # of these only blocks of formulas hold words


def readable(text: str, references: Any) -> tuple[str, int]:
    """Return a text with the words of its marks in their places, and how many marks had none."""
    if not _BARE.search(text):
        return text, 0
    shown = {clean(row.get("matched_text")): _shown(row) for row in map(dict_of, list_of(references))}
    missing = 0

    def words(mark: re.Match[str]) -> str:
        nonlocal missing
        found = shown.get(mark[0]) or _words(mark[1].split("\ue202"))
        missing += not found
        return found

    return _BARE.sub("", _MARK.sub(words, text)), missing


def _shown(reference: dict[str, Any]) -> str:
    """Return what ChatGPT's page shows in the place of a mark, as far as the export tells."""
    return clean(reference.get("alt")).strip()


def _words(fields: list[str]) -> str:
    """Return the words in a mark; "" where it has none."""
    kind, *fields = (field.strip() for field in fields)
    if kind == _WIDGET:
        return _formula("".join(fields))
    if kind in _WITHOUT_WORDS:
        return ""
    words = [field for field in map(_field, fields) if field and not _REFERENCE.fullmatch(field)]
    links = [field for field in words if _LINK.fullmatch(field)]
    named = [field for field in words if field not in links]
    if named and links:
        return f"[{named[0]}](<{links[0]}>)"
    return (named or links or [""])[0]


def _formula(text: str) -> str:
    """Return the formula that a widget shows; "" for any other widget."""
    try:
        widgets = dict_of(json.loads(text))
    except (ValueError, RecursionError):
        return ""
    texts = [clean(dict_of(value).get("content")).strip() for name, value in widgets.items() if "math" in name]
    return "".join(f"\n$$\n{one}\n$$\n" for one in texts if one)


def _field(text: str) -> str:
    """Return a field's words: of ["city", "Oslo", "…"] it is the name behind the kind."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(value, dict):
        return clean(value.get("name") or value.get("title"))
    texts = [clean(part) for part in value if isinstance(part, str)] if isinstance(value, list) else []
    return texts[min(1, len(texts) - 1)] if texts else ""


_ROLES = ("user", "assistant", "system")
MOST_STEPS = 1_000  # thoughts and tool steps before one answer
MOST_SECONDS = 10**6
_THOUGHTS = ("thoughts", "reasoning_recap")
_RUN_OR_WRITTEN = ("python", "canmore")  # tools whose input is worth reading: code, and documents


def matches(data: Any) -> bool:
    return "mapping" in dict_of(data)


def read(data: dict[str, Any]) -> Imported:
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
        left_out[foreign.THOUGHT] += lost_count


def _way_up(node: Node, above: dict[str, Node]) -> Iterator[Node]:
    """Yield the nodes without a message that lead to this one, the first first."""
    way: list[Node] = []
    while (parent := above.get(node.parent)) and not parent.message and len(way) < MOST_STEPS:
        way.append(parent)
        node = parent
    yield from reversed(way)


def _thought(content: dict[str, Any]) -> str:
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
    missing[foreign.FILE] += len([file for file in list_of(metadata.get("attachments")) if not _is_image(file)])
    missing = +missing
    left_out.update(missing)
    if aside or kind in _THOUGHTS or role not in _ROLES or not (text or missing):
        return None
    # A question that was only a picture keeps its place, else its answer would stand alone.
    message = Message(str(role), text or f"[{in_words(missing)}]", created_at=time_of(data.get("create_time")))
    if role == "assistant":
        message.model_name = clean(metadata.get("model_slug") or metadata.get("default_model_slug")) or None
    return message


def _aside(data: dict[str, Any], text: str) -> str:
    """Return as what a message is left out; "" when it is part of the talk, or was empty from the start."""
    role, kind = dict_of(data.get("author")).get("role"), dict_of(data.get("content")).get("content_type")
    recipient = clean(data.get("recipient")) or "all"
    if kind == "user_editable_context":
        return foreign.INSTRUCTIONS
    if dict_of(data.get("metadata")).get("is_visually_hidden_from_conversation"):
        return foreign.HIDDEN if text else ""
    if kind in _THOUGHTS:
        return ""
    if role == "tool" or (recipient != "all" and not recipient.startswith(_RUN_OR_WRITTEN)):
        return foreign.TOOL_STEP
    return foreign.WITHOUT_TEXT if role not in _ROLES else ""


def _text(content: dict[str, Any], references: Any, missing: LeftOut) -> str:
    kind, body = content.get("content_type"), content.get("parts", content.get("text"))
    if kind in _THOUGHTS:
        return ""
    text, count = readable(text_of(body, missing), references)
    if count:
        missing[foreign.SOURCE] += count
    if kind != "code" or not text:
        return text
    language = clean(content.get("language"))
    return f"```{language if language.isalnum() and language != 'unknown' else ''}\n{text}\n```"


def _is_image(file: Any) -> bool:
    """Return whether an attachment is a picture: those are counted where they stand among the parts."""
    return clean(dict_of(file).get("mime_type")).startswith("image/")
