"""One person's memory while the app runs: what is recalled, which facts fit, and the work in the background.

Nothing of it exists before somebody uses it. Vectors are always made on this machine: to recall something must not
send all conversations to a provider.
"""

import contextlib
import logging
import os
import sys
import time
from collections.abc import Sequence
from functools import lru_cache
from threading import Event, Lock, Thread, get_native_id

import numpy as np

from controller.resources import Resources, built_per_person
from controller.small_models.encoders import Encoding, local_encoder
from controller.tokens import tokens_of
from model.errors import BnaError
from model.log.facts import Fact, FactStore, fitting_facts
from model.log.memory.index import ALL, LEAST_OWN, MemoryIndex, Recalled, Wanted
from model.store.protocol import ConversationStore
from utils.retrieval.embeddings import Vectors

MOST_RECALLED = 6
FACT_TOKENS = 400  # what facts may take in front of a conversation
NEWEST_S = 10.0  # so long a question waits at most for what was said last; all else is taken in behind it
LOOK_UP_S = 0.2  # how often the background looks whether answers are still being written
LOWEST_PRIORITY = 19


class Memory:
    """What one person's conversations and facts are found by."""

    def __init__(self, resources: Resources, store: ConversationStore, encoder: Encoding) -> None:
        self.facts = FactStore(resources.settings.beside("facts"))
        self.index = MemoryIndex(resources.settings.beside("memory"), store, encoder)
        self.store = store
        self._encoder = encoder
        self._is_answering = resources.is_answering
        self._closed = Event()
        self._worker: Thread | None = None
        self._lock = Lock()
        self._vector = lru_cache(64)(lambda text: encoder.encode([text])[0])
        self._fact_vectors: dict[str, Vectors] = {}
        resources.when_closed.append(self.close)

    def recall(self, text: str, count: int = MOST_RECALLED, wanted: Wanted = ALL) -> list[Recalled]:
        """Return what was said that may have to do with a text, best first. Raises: StoreError."""
        until_s = time.monotonic() + NEWEST_S
        if not self.index.sync(lambda: time.monotonic() < until_s):
            self.begin()
        return [one for one in self.index.search(text, count, wanted, self._vector(text)) if one.may_be_like]

    def begin(self) -> None:
        """Take in what is missing, in the background, whenever no answer is written."""
        with self._lock:
            if not self._closed.is_set() and not (self._worker and self._worker.is_alive()):
                self._worker = Thread(target=self._sync, daemon=True)
                self._worker.start()

    def likeness(self, facts: Sequence[Fact], question: str) -> list[float]:
        """Return how alike each fact is to a question."""
        unknown = [fact.text for fact in facts if fact.text not in self._fact_vectors]
        if unknown:
            self._fact_vectors |= dict(zip(unknown, self._encoder.encode(unknown), strict=True))
        vector = self._vector(question)
        return [float(np.dot(self._fact_vectors[fact.text], vector)) for fact in facts]

    def alike(self, text: str, question: str) -> float:
        """Return how alike two texts are."""
        return float(np.dot(self._vector(text), self._vector(question)))

    def fitting_facts(self, facts: Sequence[Fact], question: str, only_alike: bool) -> list[Fact]:
        """Return the facts that are told before a question is answered: those alike it first, then the newest."""
        if not facts or (not only_alike and sum(tokens_of(fact.text) for fact in facts) <= FACT_TOKENS):
            return list(facts)
        likeness = dict(zip((fact.text for fact in facts), self.likeness(facts, question), strict=True))
        if only_alike:
            facts = [fact for fact in facts if likeness[fact.text] >= LEAST_OWN]
        likely = {text: value if value >= LEAST_OWN else 0.0 for text, value in likeness.items()}
        return fitting_facts(list(facts), likely.__getitem__, FACT_TOKENS, tokens_of)

    def has_source(self, fact: Fact) -> bool:
        """Return whether the conversation is there in which a fact was said."""
        return bool(fact.conversation_id) and self.store.has(fact.conversation_id)

    def close(self) -> None:
        """Let the work in the background end, and write nothing any more."""
        self._closed.set()
        self.index.close()

    def _sync(self) -> None:
        """Take in all that is missing, at the lowest priority; whoever asks next is told what went wrong."""
        lower_priority()
        try:
            self.index.sync(self._goes_on)
        except BnaError:
            return
        except Exception:
            logging.getLogger(__name__).exception("Memory could not be taken in")

    def _goes_on(self) -> bool:
        """Wait while answers are being written; return whether there is anybody left to work for."""
        while self._is_answering() and not self._closed.wait(LOOK_UP_S):
            pass
        return not self._closed.is_set()


def lower_priority() -> None:
    """Let this thread make way for all others, where the system can: on Linux a thread has a priority of its own."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, get_native_id(), LOWEST_PRIORITY)


@built_per_person
def memory_of(resources: Resources) -> Memory | None:
    """Return a person's memory; None where no conversations are kept."""
    return Memory(resources, resources.store, local_encoder(resources)) if resources.store else None


def forget_passages(resources: Resources, is_kept: object) -> None:
    """Forget what was deleted, apart from whoever deletes it; where nobody ever used the memory, there is none."""
    del is_kept  # single messages may be gone, too
    is_used = not resources.is_closed and resources.settings.beside("memory").is_file()
    if is_used and (memory := memory_of(resources)):
        Thread(target=_forget, args=(memory,), daemon=True).start()


def _forget(memory: Memory) -> None:
    with contextlib.suppress(BnaError):  # what is recalled next forgets it first
        memory.index.forget()
