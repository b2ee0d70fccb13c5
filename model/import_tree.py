"""A tree of messages, as other programs keep it, made into a conversation with branches.

Links may be broken, circular or missing: every message is kept all the same.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from model.branches import ROOT_ID
from model.conversation import Conversation
from model.imported import derived_id
from model.message import Message, now


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
    """Return the ids from a message up to the first one."""
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
