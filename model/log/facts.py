"""Facts: what a person wants to be kept in mind in all conversations, as plain data in one JSON file beside them.

The file is written whole under a lock, and what another bnaGPT has written into it stays. It leaves out how facts are
chosen for a question.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from model.chat.message import new_id, now
from model.chat.serialization import from_row, to_row
from model.errors import InputError, StoreUnreadable
from model.store.disk_errors import holding, reading, writing
from utils.files import atomic
from utils.text.characters import one_line
from utils.text.words import words_of

LONGEST = 500  # characters
MOST_FACTS = 1000
EVERYWHERE = ""


@dataclass(frozen=True)
class Fact:
    """One fact, and where it comes from: the message in which it was said; both ids are "" for one written by hand.

    `scope` is the id of the assistant that alone is told it, EVERYWHERE for all.
    """

    text: str
    id: str = field(default_factory=new_id)
    created_at: str = ""
    changed_at: str = ""
    conversation_id: str = ""
    message_id: str = ""
    scope: str = EVERYWHERE
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def is_sayable(self) -> bool:
        """Return whether there is anything to tell."""
        return bool(self.text.strip())


class FactStore:
    """The facts of one person; threads and processes may share their file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def all(self) -> list[Fact]:
        """Return all facts, the newest first. Raises: StoreUnreadable."""
        facts, _ = self._read()
        return facts[::-1]

    def add(self, fact: Fact) -> Fact:
        """Keep a fact, and return it; one that says the same is kept once. Raises: InputError, StoreError."""
        fact = replace(fact, text=checked_fact(fact.text), created_at=fact.created_at or now())
        with self._changing() as facts:
            known = next((one for one in facts if is_same(one, fact)), None)
            if known:
                return known
            if len(facts) >= MOST_FACTS:
                raise InputError(f"There are {MOST_FACTS:,} facts already.", "Forget one on the page Memory.")
            facts.append(fact)
        return fact

    def change(self, fact_id: str, text: str) -> None:
        """Let a fact say something else. Raises: InputError, StoreError."""
        text = checked_fact(text)
        with self._changing() as facts:
            facts[:] = [replace(one, text=text, changed_at=now()) if one.id == fact_id else one for one in facts]

    def forget(self, *fact_ids: str) -> list[Fact]:
        """Take facts out, and return them: something for `put_back`. Raises: StoreError."""
        with self._changing() as facts:
            gone = [one for one in facts if one.id in fact_ids]
            facts[:] = [one for one in facts if one.id not in fact_ids]
        return gone

    def put_back(self, gone: list[Fact]) -> None:
        """Undo `forget`. Raises: StoreError."""
        with self._changing() as facts:
            known = {one.id for one in facts}
            facts += [one for one in gone if one.id not in known]
            facts.sort(key=lambda one: one.created_at)

    def _read(self) -> tuple[list[Fact], dict[str, Any]]:
        """Return facts, the oldest first, and all of the file. Raises: StoreUnreadable."""
        with reading(self.path):
            data = self.path.read_bytes() if self.path.exists() else b"{}"
        try:
            told = json.loads(data or b"{}")
            rows = told.get("facts", [])
            return [from_row(Fact, row) for row in rows], told
        except (ValueError, AttributeError, TypeError, RecursionError) as error:
            hint = f"Mend or move {self.path}. Nothing in it was changed."
            raise StoreUnreadable("What is remembered of you can't be read.", hint) from error

    @contextmanager
    def _changing(self) -> Iterator[list[Fact]]:
        """Hand out the facts, to be changed in the block. Raises: StoreError; an error leaves them as they were."""
        with writing(self.path):
            atomic.make_folder(self.path.parent)
        with holding(self.path):
            facts, told = self._read()
            before = list(facts)
            yield facts
            if facts != before:
                text = json.dumps(told | {"facts": [to_row(one) for one in facts]}, indent=1, ensure_ascii=False)
                with writing(self.path):
                    atomic.write_private(self.path, text.encode("utf-8", "replace"))


def checked_fact(text: str) -> str:
    """Return a fact on one line. Raises: InputError when there is none, or it is too long."""
    line = one_line(text[: 4 * LONGEST]).strip()
    if not words_of(line):
        raise InputError("There is nothing to remember.", "Write a sentence, such as “I like tea.”")
    if len(line) > LONGEST:
        raise InputError(f"A fact has at most {LONGEST} characters.", "Make it shorter, or make two of it.")
    return line


def is_same(one: Fact, other: Fact) -> bool:
    return one.scope == other.scope and words_of(one.text) == words_of(other.text)


def told_here(facts: list[Fact], assistant_id: str) -> list[Fact]:
    """Return the facts that may be told where an assistant answers; "" for none."""
    return [fact for fact in facts if fact.is_sayable and fact.scope in (EVERYWHERE, assistant_id)]


def fitting_facts(
    facts: list[Fact], likeness: Callable[[str], float], most_tokens: int, cost: Callable[[str], int]
) -> list[Fact]:
    """Return the facts that are told: those alike a question first, then the newest, as many as there is room for."""
    order = sorted(range(len(facts)), key=lambda place: (-likeness(facts[place].text), place))
    chosen: list[Fact] = []
    for place in order:
        most_tokens -= cost(facts[place].text)
        if most_tokens < 0:
            break
        chosen.append(facts[place])
    return chosen
