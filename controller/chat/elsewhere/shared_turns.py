"""Turns that run in other processes, which share one database: seen, followed and stopped from here.

Processes tell each other who begins a turn, and when it has ended. Whoever wants to follow one asks for it; then its
process tells how the conversation stands, and from then on each event. So a turn that nobody follows elsewhere costs
two messages. Whoever has lost messages, since the database was gone, asks once more.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from threading import Event as Flag
from threading import Lock, Thread
from typing import Any, Protocol
from weakref import WeakValueDictionary

from controller.chat.elsewhere import turn as one_turn
from controller.chat.elsewhere.turn import Note, TurnElsewhere
from controller.chat.turns import OtherProcesses, RunningTurn, Turns
from model.chat.conversation import Conversation
from model.chat.event_rows import event_of, event_row
from model.chat.events import Event, Started
from model.chat.message import Message
from model.chat.titles import first_words
from utils.threads.broadcast import Broadcast

ALIVE_EVERY_S = 5.0
SILENT_S = 20.0  # a process that has said nothing for so long is gone
GONE = ["The process that wrote this answer is gone.", "What had come is kept there, and saved at its next start."]

Key = tuple[str, str]  # a person, and the id of a conversation


class Bus(Protocol):
    """What takes messages to all other processes, in their order."""

    def send(self, message: Note) -> None: ...


@dataclass
class _Known:
    """A turn in another process, of which we know that it runs."""

    origin: str
    answer_id: str
    title: str
    heard_at: float
    turn: TurnElsewhere | None = None
    is_told: Flag = field(default_factory=Flag)  # how it stands


class SharedTurns:
    """All that the processes know of each other's turns; one in a process."""

    def __init__(self) -> None:
        self.bus: Bus | None = None
        self.when_gone: Callable[[str], None] = lambda _person: None  # called when a person deleted all in another
        self._here: WeakValueDictionary[str, Turns] = WeakValueDictionary()
        self._known: dict[Key, _Known] = {}
        self._watched: set[str] = set()  # the answers of our turns of which each event is told
        self._lock = Lock()
        self._alive_at = 0.0

    def of(self, person: str) -> "OthersOfPerson":
        """Return what one person's turns are told."""
        return OthersOfPerson(self, person)

    def add(self, person: str, turns: Turns) -> None:
        """Let the turns of a person be followed from elsewhere."""
        self._here[person] = turns

    # What the bus calls, all from one thread.

    def join(self) -> None:
        """Ask who runs what, and how the turns stand that are followed here: something may have been lost."""
        self._send({"kind": "hello"})
        for _, known in self._all_known():
            known.heard_at = time.monotonic()  # that nothing came meanwhile says nothing of them
            if known.turn:
                known.turn.ask_state()

    def tick(self) -> None:
        """Say now and then that we are alive, and give up who says it no more."""
        now = time.monotonic()
        if now - self._alive_at >= ALIVE_EVERY_S:
            self._alive_at = now
            self._send({"kind": "alive", "answers": [turn.answer.id for _, turn in self._turns_here()]})
        for key, known in self._all_known():
            if now - known.heard_at > SILENT_S:
                if turns := self._here.get(key[0]):
                    turns.recover()  # where it ran on this machine
                self._end(key, error=GONE)

    def take(self, origin: str, message: Note) -> None:
        """Take what another process says."""
        if taker := _TAKERS.get(message["kind"]):
            taker(self, origin, message)

    # Other processes' turns.

    def turn_of(self, key: Key) -> TurnElsewhere | None:
        """Return a turn, once its process has told how it stands."""
        with self._lock:
            known = self._known.get(key)
        if known is None:
            return None
        if known.turn is None:
            self._send({"kind": "follow", **_about(*key, known.answer_id), "with_events": False})
            if not known.is_told.wait(one_turn.TOLD_WITHIN_S):
                self._end(key)
        return known.turn

    def conversations_of(self, person: str) -> list[Conversation]:
        """Return the conversations of a person in which a turn runs elsewhere, of some only the first words."""
        return [
            known.turn.conversation if known.turn else Conversation([Message("user", known.title, id=conversation_id)])
            for (owner, conversation_id), known in self._all_known()
            if owner == person
        ]

    def _take_begin(self, origin: str, note: Note) -> None:
        key, now = _key(note), time.monotonic()
        with self._lock:
            known = self._known.get(key)
            if known and known.answer_id == note["answer"]:
                known.heard_at = now
                return
        self._end(key)  # of what ran there before, the end was lost
        with self._lock:
            self._known[key] = _Known(origin, note["answer"], note["title"], now)

    def _take_state(self, origin: str, note: Note) -> None:
        known = self._of(origin, note)
        if known is None:
            return
        conversation = Conversation.of_all([Message.from_dict(row) for row in note["messages"]], note["name"])
        found = {message.id: message for message in conversation.all_messages}
        question, answer = found[note["question"]], found[note["answer"]]
        if known.turn is None:
            known.turn = TurnElsewhere(conversation, Started(question, answer), partial(self._tell_about, note))
            known.turn.activity = note["activity"]
        known.turn.take_state(note, answer)
        known.is_told.set()

    def _tell_about(self, note: Note, kind: str, **more: Any) -> None:
        """Send a message about the turn that a note is about."""
        self._send({"kind": kind, **_about(*_key(note), note["answer"]), **more})

    def _take_event(self, origin: str, note: Note) -> None:
        if (known := self._of(origin, note)) and known.turn:
            known.turn.live.repeat(event_of(note["event"]))

    def _take_question(self, origin: str, note: Note) -> None:
        if (known := self._of(origin, note)) and known.turn:
            known.turn.take_question(note)

    def _take_end(self, origin: str, note: Note) -> None:
        if self._of(origin, note):
            self._end(_key(note), note["final"], note["error"])

    def _take_alive(self, origin: str, note: Note) -> None:
        """Take which turns a process runs; where they are not those that we know, messages were lost."""
        answers, now = set(note["answers"]), time.monotonic()
        for key, known in self._all_known():
            if known.origin == origin:
                known.heard_at = now
                if known.answer_id not in answers:
                    self._end(key)
                answers.discard(known.answer_id)
        if answers:
            self._send({"kind": "hello"})

    def _end(self, key: Key, final: Note | None = None, error: list[str] | None = None) -> None:
        """Let go of a turn elsewhere."""
        with self._lock:
            known = self._known.pop(key, None)
        if known and known.turn:
            known.turn.take_end(final, error)
        if known:
            known.is_told.set()

    def _of(self, origin: str, note: Note) -> _Known | None:
        """Return the turn that a process speaks of."""
        with self._lock:
            known = self._known.get(_key(note))
        return known if known and (known.origin, known.answer_id) == (origin, note["answer"]) else None

    def _all_known(self) -> list[tuple[Key, _Known]]:
        with self._lock:
            return list(self._known.items())

    def _take_gone(self, origin: str, note: Note) -> None:
        """Let go of a person who has deleted everything there; it may take long, and more messages come."""
        del origin
        Thread(target=self.when_gone, args=(note["person"],), daemon=True).start()

    # Our turns, for other processes.

    def tell_gone(self, person: str) -> None:
        """Tell that a person has deleted everything."""
        self._send({"kind": "gone", "person": person})

    def tell_begin(self, person: str, turn: RunningTurn) -> None:
        self._send({"kind": "begin", **_about_turn(person, turn), "title": first_words(turn.conversation)})

    def tell_end(self, person: str, turn: RunningTurn) -> None:
        """Tell that a turn has ended, how its answer stands, and what went wrong."""
        error = [turn.error.message, turn.error.hint] if turn.error else None
        self._watched.discard(turn.answer.id)
        self._send({"kind": "end", **_about_turn(person, turn), "final": turn.answer.to_dict(), "error": error})

    def _greet(self, origin: str, note: Note) -> None:
        """Tell who asks what runs here."""
        del origin, note
        for person, turn in self._turns_here():
            self.tell_begin(person, turn)

    def _tell_state(self, origin: str, note: Note) -> None:
        """Tell how a turn stands, and each event from now on."""
        del origin
        turn = self._turn_here(note)
        if turn is None:
            return
        person = note["person"]
        with turn.live.still():
            self._send({"kind": "state", **_about_turn(person, turn), **_state(turn, note["with_events"])})
            if turn.answer.id not in self._watched:
                self._watched.add(turn.answer.id)
                turn.record.feeds.append(_Told(self, person, turn))
                turn.gate.when_asked = lambda: self._tell_question(person, turn)

    def _tell_question(self, person: str, turn: RunningTurn) -> None:
        self._send({"kind": "question", **_about_turn(person, turn), **_question(turn)})

    def tell_event(self, person: str, turn: RunningTurn, event: Event) -> None:
        self._send({"kind": "event", **_about_turn(person, turn), "event": event_row(event)})

    def _stop(self, origin: str, note: Note) -> None:
        del origin
        if turn := self._turn_here(note):
            turn.stop()

    def _permit(self, origin: str, note: Note) -> None:
        del origin
        if turn := self._turn_here(note):
            turn.gate.let |= set(note["let"])
            turn.gate.answer(*note["call"])

    def _turn_here(self, note: Note) -> RunningTurn | None:
        """Return our turn that a message is about."""
        turns = self._here.get(note["person"])
        turn = turns.here(note["conversation"]) if turns else None
        return turn if turn and turn.answer.id == note["answer"] else None

    def _turns_here(self) -> Iterator[tuple[str, RunningTurn]]:
        for person, turns in list(self._here.items()):
            for turn in turns.running():
                if not turn.conversation.is_temporary:
                    yield person, turn

    def _send(self, message: Note) -> None:
        if self.bus:
            self.bus.send(message)


_TAKERS: dict[str, Callable[[SharedTurns, str, Note], None]] = {
    "hello": SharedTurns._greet,
    "alive": SharedTurns._take_alive,
    "begin": SharedTurns._take_begin,
    "end": SharedTurns._take_end,
    "gone": SharedTurns._take_gone,
    "follow": SharedTurns._tell_state,
    "state": SharedTurns._take_state,
    "event": SharedTurns._take_event,
    "question": SharedTurns._take_question,
    "stop": SharedTurns._stop,
    "permit": SharedTurns._permit,
}


class _Told:
    """A feed that tells other processes."""

    def __init__(self, shared: SharedTurns, person: str, turn: RunningTurn) -> None:
        self._shared, self._person, self._turn = shared, person, turn

    def put(self, item: Event) -> None:
        self._shared.tell_event(self._person, self._turn, item)

    def close(self) -> None:
        """Leave it to the turn's end, which is told when it is saved."""


class OthersOfPerson(OtherProcesses):
    """What one person's turns are told of those in other processes, and tell them; no word of temporary ones."""

    def __init__(self, shared: SharedTurns, person: str) -> None:
        self._shared, self._person = shared, person

    def tell_begin(self, turn: RunningTurn) -> None:
        if not turn.conversation.is_temporary:
            self._shared.tell_begin(self._person, turn)

    def tell_end(self, turn: RunningTurn) -> None:
        if not turn.conversation.is_temporary:
            self._shared.tell_end(self._person, turn)

    def turn_of(self, conversation_id: str | None) -> RunningTurn | None:
        return self._shared.turn_of((self._person, conversation_id or ""))

    def conversations(self) -> list[Conversation]:
        return self._shared.conversations_of(self._person)


def _about(person: str, conversation_id: str, answer_id: str) -> Note:
    return {"person": person, "conversation": conversation_id, "answer": answer_id}


def _about_turn(person: str, turn: RunningTurn) -> Note:
    return _about(person, turn.conversation.id or "", turn.answer.id)


def _key(note: Note) -> Key:
    return note["person"], note["conversation"]


def _state(turn: RunningTurn, with_events: bool) -> Note:
    """Return how a turn stands."""
    feeds = [feed for feed in turn.record.feeds if isinstance(feed, Broadcast)]
    return {
        "name": turn.conversation.name,
        "messages": [message.to_dict() for message in turn.conversation.all_messages],
        "question": turn.live.question.id,
        "activity": turn.activity,
        "events": [event_row(event) for event in feeds[0].so_far()] if feeds and with_events else None,
        "with_events": with_events,
        **_question(turn),
    }


def _question(turn: RunningTurn) -> Note:
    return {"call_id": turn.gate.call_id, "reason": turn.gate.reason, "option": turn.gate.option}
