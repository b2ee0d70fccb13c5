"""Many inputs, one after the other, in a worker apart from the page: close the tab, and they go on.

Stop ends a batch within a second; Resume goes on with what has no good answer, after a crash too. A row that fails says
so; when the provider can't be asked at all, the batch rests.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread

from controller.resources import Resources, built_per_person
from controller.turn import ModelSelection, TurnControl
from model.chat.branches import without_id
from model.chat.conversation import Conversation
from model.chat.events import Event
from model.chat.options import Options
from model.chat.serialization import from_row
from model.errors import BnaError, MissingKey, ModelNotFound, ProviderUnreachable, RateLimited
from model.json_mode.answer_schema import problems
from model.json_mode.batch import Batch, Outcome, read_batch, write_batch, write_outcome
from utils.files import atomic
from utils.files.names import safe_name
from utils.threads.stop import CancellationToken

# Every other row would fail the same.
HOPELESS = (MissingKey, ModelNotFound, ProviderUnreachable, RateLimited)

NEW = "new"  # whose batch it is when a conversation has no message yet

Reply = Callable[[Conversation, str, ModelSelection, TurnControl], Iterator[Event]]


@dataclass
class RunningBatch:
    """A batch under way; `error` is why it rests."""

    batch: Batch
    stop: CancellationToken = field(default_factory=CancellationToken)
    error: BnaError | None = None
    is_running: bool = True


class Batches:
    """All batches of this process, and their files in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, RunningBatch] = {}
        self._lock = Lock()

    def of(self, conversation_id: str) -> RunningBatch | None:
        """Return a conversation's batch: the one under way, or the one on disk."""
        with self._lock:
            return self._of(conversation_id)

    def _of(self, conversation_id: str) -> RunningBatch | None:
        """Return a conversation's batch; whoever asks holds the lock."""
        if conversation_id not in self._running:
            batch = read_batch(self._path(conversation_id))
            if batch is None:
                return None
            self._running[conversation_id] = RunningBatch(batch, is_running=False)
        return self._running[conversation_id]

    def start(self, conversation_id: str, batch: Batch, reply: Reply, selection: ModelSelection) -> None:
        """Begin a batch, or go on with one.

        Raises: InputError, StoreUnwritable; BnaError when one is under way, or another one was asked already.
        """
        batch.check()
        path = self._path(conversation_id)
        # Looked at and begun under one lock, for a second click must not pay for every row once more.
        with self._lock:
            now = self._of(conversation_id)
            if now and now.is_running:
                raise BnaError("The previous rows are still being asked.", "Wait for them, or stop them.")
            if now and now.batch is not batch:
                raise BnaError(
                    "There are rows in this chat already.", "Their answers are below. “New inputs” starts over."
                )
            write_batch(path, batch)  # one that goes on may have answers that did not fit the disk
            running = self._running[conversation_id] = RunningBatch(batch)
        Thread(target=_run, args=(running, path, reply, selection), daemon=True).start()

    def forget(self, conversation_id: str) -> None:
        with self._lock:
            self._running.pop(conversation_id, None)
            self._path(conversation_id).unlink(missing_ok=True)
            atomic.remove_leftovers(self._folder)

    def sweep(self, is_kept: Callable[[str], bool]) -> None:
        """Stop and delete the batches of conversations that are gone."""
        for path in self._folder.glob("*.jsonl"):
            if path.stem != NEW and not is_kept(path.stem):
                with self._lock:
                    running = self._running.get(path.stem)
                if running:
                    running.stop.set()
                self.forget(path.stem)

    def _path(self, conversation_id: str) -> Path:
        return self._folder / f"{safe_name(conversation_id)}.jsonl"


def _run(running: RunningBatch, path: Path, reply: Reply, selection: ModelSelection) -> None:
    """Ask for one row after the other."""
    try:
        for index in running.batch.open_indices:
            if running.stop.is_set:
                break
            outcome = _asked(running, index, reply, selection)
            if not running.stop.is_set:  # its file may be gone then
                running.batch.outcomes[index] = outcome
                write_outcome(path, outcome)
    except BnaError as error:
        running.error = error
    except Exception:
        running.error = BnaError("bnaGPT has a bug here.", "The terminal shows details. What came before is kept.")
        logging.getLogger(__name__).exception("A batch failed")
    finally:
        running.is_running = False


def _asked(running: RunningBatch, index: int, reply: Reply, selection: ModelSelection) -> Outcome:
    """Return what becomes of one input. Raises: BnaError when no other input would fare better."""
    if not running.batch.inputs[index].strip():
        return Outcome(index, problem="The cell is empty.")
    options = running.batch.options
    conversation = Conversation(is_temporary=True, pending_options=without_id(options) or {})
    control = TurnControl(running.stop)
    try:
        for _ in reply(conversation, running.batch.prompt(index), selection, control):
            pass
    except HOPELESS:
        raise
    except BnaError as error:
        return Outcome(index, problem=f"{error.message} {error.hint}".strip())
    answer = conversation.messages[-1].content
    found = problems(answer, from_row(Options, options).answer_schema)
    return Outcome(index, answer, "; ".join(map(str, found)))


@built_per_person
def batches_of(resources: Resources) -> Batches:
    """Return a person's batches; they stand beside the conversation file."""
    return Batches(resources.settings.beside("batches"))


def forget_batches(resources: Resources, is_kept: Callable[[str], bool]) -> None:
    """Stop and delete the batches of conversations that are gone."""
    batches_of(resources).sweep(is_kept)
