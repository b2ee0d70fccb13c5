"""What was said in all conversations, found by its meaning, from a file beside them that can be thrown away.

It follows what keeps conversations as the search index does (`model/search/index.py`), by their digests, and forgets
what was deleted down to the bytes. To make vectors takes long, a minute for a thousand messages, so that happens apart:
a question waits for the newest words only.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import RLock
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from model.errors import AllDeleted, ConversationNotFound
from model.log.memory.matrix import PassageMatrix
from model.log.memory.passages import SaidMessage, message_passages, said_messages, shortened_question
from model.log.memory.tables import (
    FORM,
    TABLES,
    PassagePlace,
    PassageRow,
    delete_conversation,
    delete_stale,
    ids_in,
    messages_in,
    note_whole,
    places_of,
    put_passages,
    saved_digests,
    use_encoder,
)
from model.search.tables import IndexFile
from model.store.protocol import ConversationStore
from utils.retrieval.bm25 import terms_of

Result = TypeVar("Result")

AT_ONCE = 16  # passages between two looks at whether to go on: half a second of one core
PASSAGE_CHARACTERS = 800  # about
ENCODED_AT_ONCE = 4  # so many go over one core; more would take all of them
# Measured with `benchmarks/recall.py` on questions of their own: below both, what is found has nothing to do with it.
LEAST_LIKENESS, LEAST_WORDS = 0.48, 0.8
LEAST_OWN = 0.43  # of what the person said, where they ask about their own life
SAME, LOOKED_AT = 0.75, 10  # answers that are more alike say the same; so many are looked at for each that is wanted
MAY_BE_LIKE = 0.3  # what a model that reads on its own may judge by itself: half of what is right is less alike
_OF_ONESELF = re.compile(r"(?!.*\byou\b).*\b(?:my|mine|our|ours|i|me|we|us|user|person)\b", re.I | re.S)


class PassageEncoder(Protocol):
    """What makes vectors."""

    name: str

    @property
    def size(self) -> int:
        """Return how many numbers a vector has."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a vector of length 1 for each text."""


class Recalled(NamedTuple):
    """A passage that was found: what it says, where, and how alike it is; `question` is what it answers."""

    text: str
    question: str
    conversation_id: str
    conversation: str  # its name
    message_id: str
    said_at_s: float
    is_answer: bool  # whether a model has said it
    likeness: float
    words: float
    least_likeness: float  # that tells it from what has nothing to do with the question

    @property
    def is_alike(self) -> bool:
        """Return whether it has something to do with the question, as far as that can be told by likeness."""
        return self.likeness >= self.least_likeness or self.words >= LEAST_WORDS

    @property
    def may_be_like(self) -> bool:
        """Return whether a look at it is worth while."""
        return self.is_alike or self.likeness >= MAY_BE_LIKE


class Wanted(NamedTuple):
    """Which passages a question is about: said since and until, in Unix seconds, and not in these messages."""

    since_s: float = 0.0
    until_s: float = float("inf")
    conversation_id: str = ""
    without: Collection[str] = ()  # messages of that conversation


class PassageBatch(NamedTuple):
    """Messages of one conversation that are taken in together; `digest` is the conversation's, `is_last` of it."""

    conversation_id: str
    digest: bytes
    messages: list[SaidMessage]
    is_last: bool


ALL = Wanted()
Found = tuple[PassagePlace, float, float]  # with likeness and words


class MemoryIndex:
    """The memory of one person; threads may share it, and processes its file. All of it may raise StoreErrors."""

    def __init__(self, path: Path, store: ConversationStore, encoder: PassageEncoder) -> None:
        self._file = IndexFile(path, TABLES, FORM, "memory")
        self._store, self._encoder = store, encoder
        self._matrix = PassageMatrix(encoder.size)
        self._seen: tuple[tuple[int, int], int] | None = None  # the file as it was when the matrix was refreshed
        self._write_count = 0
        self._lock = RLock()  # while the file is written or read, and never while vectors are made
        self._is_closed = False

    def forget(self) -> list[str]:
        """Take out what was deleted or changed; return which conversations are to be taken in, the newest first."""
        return self._work(self._forget)

    def sync(self, goes_on: Callable[[], bool] = lambda: True) -> bool:
        """Take in what changed, the newest first; `goes_on` is asked before each batch. Return whether all is in."""
        while True:
            digests = self._store.digests()
            for batch in self._batches(self.forget(), digests):
                if batch.messages and not goes_on():
                    return False
                self._keep(batch, self._rows(batch.messages))
            if self._store.digests() is digests:
                return True

    def is_used(self) -> bool:
        """Return whether anything was ever taken in."""
        return self._file.path.is_file()

    def share(self) -> float:
        """Return how much of all conversations is taken in, from 0 to 1."""
        digests = self._store.digests()

        def counted() -> float:
            with self._file.reading() as database:
                saved = saved_digests(database)
            whole = sum(saved.get(key) == digest for key, (_, digest) in digests.items())
            return whole / len(digests) if digests else 1.0

        return self._work(counted)

    def search(
        self, text: str, count: int, wanted: Wanted = ALL, vector: NDArray[np.float32] | None = None
    ) -> list[Recalled]:
        """Return the passages that fit a text best, best first: one of each message, and one of alike answers.

        `vector` is the text's own, where it is known.
        """
        asked = self._encoder.encode([text])[0] if vector is None else vector
        found = self._work(lambda: self._found(text, asked, count, wanted))
        one_each: dict[str, Found] = {}
        for row in found:
            one_each.setdefault(row[0].message_id, row)
        return list(self._read(list(one_each.values())[:count], is_of_oneself(text)))

    def close(self) -> None:
        """Let nothing be read or written any more."""
        self._is_closed = True
        with self._lock:
            self._file.close()

    def _work(self, work: Callable[[], Result]) -> Result:
        with self._lock:
            if self._is_closed:
                raise AllDeleted()
            return self._file.mended(work)

    def _forget(self) -> list[str]:
        digests = self._store.digests()
        with self._file.changing() as database:
            use_encoder(database, self._encoder.name)
            saved = saved_digests(database)
            gone = saved.keys() - digests.keys()
            for conversation_id in gone:
                delete_conversation(database, conversation_id)
        changed = [key for key, (_, digest) in digests.items() if saved.get(key) != digest]
        for conversation_id, messages in self._store.messages_of_all([key for key in changed if key in saved]):
            said = {message.id: message.digest for message in said_messages(messages)}
            with self._file.changing() as database:
                delete_stale(database, conversation_id, said)
        self._write_count += bool(changed or gone)
        return changed

    def _batches(self, changed: Iterable[str], digests: Mapping[str, tuple[str, bytes]]) -> Iterator[PassageBatch]:
        """Yield what is to be taken in of conversations that changed, of each the newest first."""
        known = [key for key in changed if key in digests]
        for conversation_id, messages in self._store.messages_of_all(known):
            said, digest = list(said_messages(messages)), digests[conversation_id][1]
            kept = self._work(partial(self._kept, conversation_id))
            missing = [message for message in reversed(said) if message.id not in kept]
            groups = list(_grouped(missing)) or [[]]
            for number, group in enumerate(groups, 1):
                yield PassageBatch(conversation_id, digest, group, number == len(groups))

    def _kept(self, conversation_id: str) -> set[str]:
        with self._file.reading() as database:
            return messages_in(database, conversation_id)

    def _rows(self, messages: Sequence[SaidMessage]) -> list[PassageRow]:
        """Return messages as rows; those of like length go through the model together."""
        count = self._encoder.count_tokens
        cuts = [(message, place, text) for message in messages for place, text in enumerate(message.passages(count))]
        cuts.sort(key=lambda passage: len(passage[2]))
        rows: list[PassageRow] = []
        for begin in range(0, len(cuts), ENCODED_AT_ONCE):
            some = cuts[begin : begin + ENCODED_AT_ONCE]
            vectors = self._encoder.encode([text for _, _, text in some])
            for (message, place, text), vector in zip(some, vectors, strict=True):
                terms = np.array(terms_of(text), np.uint32)
                said = (message.id, place, message.question_id, message.said_at_s, message.is_answer, message.digest)
                rows.append(PassageRow(*said, terms, vector))
        return rows

    def _keep(self, batch: PassageBatch, rows: Sequence[PassageRow]) -> None:
        """Write a batch, unless its conversation has changed or gone meanwhile."""

        def written() -> None:
            if self._store.digests().get(batch.conversation_id, ("", b""))[1] != batch.digest:
                return
            with self._file.changing() as database:
                put_passages(database, batch.conversation_id, rows)
                if batch.is_last:
                    note_whole(database, batch.conversation_id, batch.digest)
            self._write_count += 1

        self._work(written)

    def _found(self, text: str, vector: NDArray[np.float32], count: int, wanted: Wanted) -> list[Found]:
        with self._file.reading() as database:
            now = self._file.stamp(), self._write_count
            if now != self._seen:
                if self._seen and self._seen[0][0] != now[0][0]:  # a file that was made anew counts from one
                    self._matrix = PassageMatrix(self._encoder.size)
                self._matrix.refresh(database)
                self._seen = now
            if not len(self._matrix):
                return []
            said_at_s = self._matrix.said_at_s
            is_wanted = (said_at_s >= wanted.since_s) & (said_at_s <= wanted.until_s)
            if wanted.without:
                left_out = ids_in(database, wanted.conversation_id, wanted.without)
                is_wanted &= ~np.isin(self._matrix.ids, left_out)
            fits = self._matrix.compare(vector, terms_of(text), is_wanted, is_of_oneself(text))
            best = self._distinct(_best(fits.joint, LOOKED_AT * count), 4 * count)
            places = places_of(database, [int(self._matrix.ids[row]) for row in best])
            ids = [(int(self._matrix.ids[row]), int(row)) for row in best]
            return [(places[id], float(fits.meaning[row]), float(fits.words[row])) for id, row in ids if id in places]

    def _distinct(self, rows: Sequence[int], count: int) -> list[int]:
        """Return the first rows without answers that say what one before them says.

        All of the person's own words stay: what they said later may be almost the same, and take it back.
        """
        chosen: list[int] = []
        answers: list[NDArray[np.float32]] = []
        for row in rows:
            answer = self._matrix.answer(row)
            if answer is None or all(float(other @ answer) < SAME for other in answers):
                chosen.append(row)
                answers += [] if answer is None else [answer]
            if len(chosen) == count:
                break
        return chosen

    def _read(self, found: Sequence[Found], of_oneself: bool) -> Iterator[Recalled]:
        """Yield passages with their texts; what is gone meanwhile is left out."""
        names = self._store.digests()
        contents: dict[str, dict[str, str]] = {}
        for place, likeness, words in found:
            key = place.conversation_id
            if key not in contents:
                with suppress(ConversationNotFound):
                    contents[key] = self._store.contents(key)
            said = contents.get(key, {})
            passages = message_passages(said.get(place.message_id, ""), self._encoder.count_tokens)
            if key in names and place.place < len(passages):
                question = shortened_question(said.get(place.question_id, "")) if place.question_id else ""
                where = (key, names[key][0], place.message_id, place.said_at_s, bool(place.is_answer))
                least = LEAST_OWN if of_oneself and not place.is_answer else LEAST_LIKENESS
                yield Recalled(passages[place.place], question, *where, likeness, words, least)


def is_of_oneself(question: str) -> bool:
    """Return whether a question is about the life of whoever asks, and not about what was answered."""
    return bool(_OF_ONESELF.match(question))


def _grouped(messages: Iterable[SaidMessage]) -> Iterator[list[SaidMessage]]:
    """Yield messages in groups of about so many passages as are made at once."""
    group: list[SaidMessage] = []
    room = AT_ONCE
    for message in messages:
        group.append(message)
        room -= 1 + len(message.text) // PASSAGE_CHARACTERS
        if room <= 0:
            yield group
            group, room = [], AT_ONCE
    if group:
        yield group


def _best(joint: NDArray[np.float32], count: int) -> list[int]:
    """Return the rows that fit best, best first, without those that are not wanted."""
    count = min(count, len(joint))
    best = np.argpartition(-joint, count - 1)[:count]
    best = best[np.argsort(-joint[best], kind="stable")]
    return [int(row) for row in best if joint[row] > -1.5]
