"""What all readers of other programs' files share: parts of messages, and a tree made into a conversation.

Nothing in a foreign file is trusted to have its type; links may be broken or circular. What can't be taken is counted.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from model.chat.branches import ROOT_ID
from model.chat.conversation import Conversation
from model.chat.message import Message, now
from utils.json_tools import text as json_text

# What can't be taken; {s} is for more than one.
IMAGE = "image{s}"
RECORDING = "recording{s}"
FILE = "attached file{s}"
TOOL_STEP = "tool step{s}"
THOUGHT = "thought{s} before an answer"
HIDDEN = "hidden message{s}"
INSTRUCTIONS = "set{s} of custom instructions"
SOURCE = "link{s} to a source"
WITHOUT_TEXT = "message{s} without text"
UNKNOWN = "part{s} of an unknown kind"
NO_CONVERSATION = "thing{s} of an unknown shape"
_KINDS = {
    "image": IMAGE,
    "audio": RECORDING,
    "video": RECORDING,
    "think": THOUGHT,
    "reasoning": THOUGHT,
    "tool": TOOL_STEP,
    "function_call": TOOL_STEP,
    "file": FILE,
}

_THINK_TAGS = re.compile("^<think>|</think>$")

LeftOut = Counter[str]


@dataclass
class Imported:
    """One conversation as it was found: its name is what it was called there."""

    name: str
    conversation: Conversation
    left_out: LeftOut


def in_words(left_out: LeftOut) -> str:
    """Return what could not be taken, in words: "3 images, 1 tool step"."""
    return ", ".join(f"{count:,} {what.format(s='s' * (count > 1))}" for what, count in left_out.items())


def text_of(parts: Any, left_out: LeftOut, thoughts: list[str] | None = None) -> str:
    """Return the text of a message's parts, and count the parts that are no text.

    What was thought before an answer goes into `thoughts`; without that list it is counted, too.
    """
    texts = []
    for part in parts if isinstance(parts, list) else [parts]:
        kind = "" if isinstance(part, str) else _kind_of(part)
        text = part if isinstance(part, str) else _text_in(part)
        if text is not None and kind not in (THOUGHT, TOOL_STEP):
            texts.append(clean(text))
        elif kind == THOUGHT and thoughts is not None and (thought := _thought_in(part)):
            thoughts.append(thought)
        elif part is not None:
            left_out[kind] += 1
    return "\n\n".join(text for text in texts if text.strip())


def _thought_in(part: Any) -> str:
    """Return what a part of this kind tells, under one of the names that it has."""
    part = dict_of(part)
    found = (clean(part.get(key)).strip() for key in ("think", "thinking", "reasoning", "text", "content"))
    return _THINK_TAGS.sub("", next(filter(None, found), "")).strip()


def _text_in(part: Any) -> str | None:
    text = dict_of(part).get("text")
    text = dict_of(text).get("value") if isinstance(text, dict) else text
    return text if isinstance(text, str) else None


def _kind_of(part: Any) -> str:
    named = f"{dict_of(part).get('type')} {dict_of(part).get('content_type')}"
    return next((kind for word, kind in _KINDS.items() if word in named), UNKNOWN)


def time_of(value: Any) -> str | None:
    """Return a moment as our messages hold it, from seconds, milliseconds or ISO 8601.

    None stands for what is no moment, and for one before the year 2000 or still to come.
    """
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else _from_number(value)
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    is_believable = datetime(2000, 1, 1, tzinfo=UTC) <= moment <= datetime.now(UTC)
    return moment.isoformat(timespec="milliseconds") if is_believable else None


def _from_number(value: Any) -> datetime:
    number = float(value)
    return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)


def dict_of(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def clean(value: Any) -> str:
    """Return a text that can be written in UTF-8, and "" for anything else."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def derived_id(*parts: Any) -> str:
    """Return an id that follows from these parts, so that the same file gives the same ids again."""
    return hashlib.sha256(json_text.json_line(parts)).hexdigest()[:32]


@dataclass
class Node:
    """One place in the tree; without a message it only holds what follows it."""

    id: str
    parent: str
    message: Message | None


def grown(nodes: list[Node], shown_id: str = "") -> Conversation:
    """Return the conversation; the branch to `shown_id` is the one shown, else the newest."""
    nodes = list(_with_own_ids(nodes))
    above: dict[str, str] = {}
    messages = []
    for node, parent in _walk(nodes):
        above[node.id] = node.id if node.message else parent
        if node.message:
            messages.append(replace(node.message, id=node.id, parent=parent))
    path = _path(messages, above.get(shown_id, ROOT_ID))
    _mark_shown(messages, path)
    # The first message gives the conversation its id, so it is the first of the branch that is shown.
    messages.sort(key=lambda message: message.id not in path[-1:])
    if messages:
        messages[0].parent = None
    return Conversation.of_all(messages)


def _with_own_ids(nodes: list[Node]) -> Iterator[Node]:
    """Yield the nodes; one without an id, or with another one's, gets an id that follows from what it says."""
    taken: set[str] = set()
    for index, node in enumerate(nodes):
        if not node.id or node.id in taken:
            said = node.message.content if node.message else ""
            node = replace(node, id=derived_id(index, node.id, said))
        taken.add(node.id)
        yield node


def _walk(nodes: list[Node]) -> Iterator[tuple[Node, str]]:
    """Yield each node once, with the id of the nearest message above it; a circle is entered at its first node."""
    followers = _followers(nodes)
    done: set[str] = set()
    for start in [*followers[ROOT_ID], *nodes]:
        waiting = [(start, ROOT_ID)]
        while waiting:
            node, parent = waiting.pop()
            if node.id not in done:
                done.add(node.id)
                yield node, parent
                below = node.id if node.message else parent
                waiting += [(follower, below) for follower in reversed(followers[node.id])]


def _followers(nodes: list[Node]) -> dict[str, list[Node]]:
    """Return the nodes that follow each id; where the link is broken, a node follows the one before it in the file."""
    followers: dict[str, list[Node]] = defaultdict(list)
    known = {ROOT_ID, *(node.id for node in nodes)}
    before = ROOT_ID
    for node in nodes:
        is_linked = node.parent in known and node.parent != node.id
        followers[node.parent if is_linked else before].append(node)
        before = node.id
    return followers


def _path(messages: list[Message], end: str) -> list[str]:
    parents = {message.id: message.parent or ROOT_ID for message in messages}
    path = []
    while end != ROOT_ID:
        path.append(end)
        end = parents[end]
    return path


def _mark_shown(messages: list[Message], path: list[str]) -> None:
    """Let the messages of a path win where there are other versions of them."""
    shown, version_counts = set(path), Counter(message.parent for message in messages)
    moment = now()
    for message in messages:
        if message.id in shown and version_counts[message.parent] > 1:
            message.shown_at = moment
