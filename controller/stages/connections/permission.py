"""Which tools of connections run unasked, and how a person's “always” is kept.

A tool that is not marked read-only asks first, until the person has allowed it, in the conversation or for good; what
they allow is the tool as it is, by a mark of its server, name, description and input: one that has changed asks again.
A read-only tool asks where words would leave that are the person's own (`controller/tools/leaving.py`): what it is
asked goes to its server, and what a connection has given goes to another one only after a yes.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from controller.resources import Resources, built_per_person
from controller.tools.leaving import has_private_files, query_of
from controller.turn import Turn
from model.chat.message_parts import PRIVATE
from model.errors import StoreUnreadable
from model.store.disk_errors import holding, reading, writing
from utils.files import atomic

SERVER = "connection"  # in a step's details: whose tool it was
CHANGES = "This tool of “{server}” is not marked as read-only: it may change something."
CHANGED = "This tool of “{server}” has changed since you allowed it, and is not marked as read-only."
LEAVES = "Words of this conversation, which is private, would go to “{server}”."


@dataclass(frozen=True)
class Allowed:
    """What a person has allowed for good."""

    server: str
    tool: str
    mark: str


def mark_of(row_mark: str, *told: Any) -> str:
    """Return what stands for a tool as a person has seen it."""
    text = json.dumps([row_mark, *told], sort_keys=True, default=str)
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


class AllowedTools:
    """The tools that a person has allowed for good, in one JSON file beside the conversations."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def all(self) -> list[Allowed]:
        """Return all of them. Raises: StoreUnreadable."""
        with reading(self.path):
            data = self.path.read_bytes() if self.path.exists() else b"[]"
        try:
            return [Allowed(*(str(row[key]) for key in ("server", "tool", "mark"))) for row in json.loads(data)]
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            hint = f"Mend or remove {self.path}; until then tools ask first."
            raise StoreUnreadable("Which tools of connections you have allowed can't be read.", hint) from error

    def has(self, mark: str) -> bool:
        return any(one.mark == mark for one in self._readable())

    def has_other(self, server: str, tool: str, mark: str) -> bool:
        """Return whether a tool was allowed as it was before."""
        return any((one.server, one.tool) == (server, tool) and one.mark != mark for one in self._readable())

    def allow(self, server: str, tool: str, mark: str) -> None:
        """Allow a tool as it is now, and no more as it was. Raises: StoreError."""
        with self._changing() as rows:
            rows[:] = [one for one in rows if (one.server, one.tool) != (server, tool)]
            rows.append(Allowed(server, tool, mark))

    def forbid(self, server: str, tool: str) -> None:
        """Let a tool ask again. Raises: StoreError."""
        with self._changing() as rows:
            rows[:] = [one for one in rows if (one.server, one.tool) != (server, tool)]

    def _readable(self) -> list[Allowed]:
        """Return what is allowed; nothing where that can't be read, so that it is asked."""
        try:
            return self.all()
        except StoreUnreadable:
            return []

    @contextmanager
    def _changing(self) -> Iterator[list[Allowed]]:
        with writing(self.path):
            atomic.make_folder(self.path.parent)
        with holding(self.path):
            rows = self.all()
            yield rows
            text = json.dumps([vars(one) for one in rows], indent=1, ensure_ascii=False)
            with writing(self.path):
                atomic.write_private(self.path, text.encode("utf-8", "replace"))


@built_per_person
def allowed_of(resources: Resources) -> AllowedTools:
    return AllowedTools(resources.settings.beside("connections"))


def why_ask_to_change(allowed: AllowedTools, server: str, tool: str, mark: str) -> str:
    """Return why a tool that may change something asks; "" where the person has allowed it for good."""
    if allowed.has(mark):
        return ""
    return (CHANGED if allowed.has_other(server, tool, mark) else CHANGES).format(server=server)


def why_ask_to_read(server: str, turn: Turn, arguments: dict[str, Any]) -> str:
    """Return why a read-only tool asks: what is private, and not this server's own, might go there."""
    words = " ".join(str(value) for value in arguments.values())
    if not words.strip() or words in query_of(turn):  # their own words, as they stand
        return ""
    is_private = has_private_files(turn) or any(message.kind for message in turn.said)
    steps = [step for message in [*turn.said, turn.answer] for step in message.tool_steps]
    is_private = is_private or any(step.details.get(PRIVATE) and step.details.get(SERVER) != server for step in steps)
    return LEAVES.format(server=server) if is_private else ""
