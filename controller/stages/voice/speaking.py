"""Speaking: answers become sound, sentence by sentence, in a thread, little ahead of the listener."""

import time
from collections.abc import Callable, Iterable, Iterator
from threading import Event

from controller.chat.turns import RunningTurn
from model.chat.message import new_id
from model.errors import BnaError
from model.providers.speech import Clip
from utils.text.spoken import SpokenText
from utils.threads.jobs import Job
from utils.threads.stop import CancellationToken

FOLLOW_S = 0.02
AHEAD_S = 30.0  # what may wait to be played
MOST_CHARACTERS = 12_000  # about a quarter of an hour
REST = "The rest is on the screen."


class Speech(Job):
    """One answer that is being spoken: `clips` grows."""

    def __init__(self, contents: Iterable[str], speak: Callable[[str, CancellationToken], Clip | None]) -> None:
        """Begin to speak; `contents` yields the text as it grows."""
        super().__init__()
        self.id = new_id()
        self.clips: list[Clip] = []
        self.error: BnaError | None = None
        self._contents = contents
        self._speak = speak
        self._played_until = 0.0
        self._stopped = Event()
        self.stop.when_set(self._stopped.set)
        self.begin(self._run)

    def _run(self) -> None:
        try:
            for sentence in self._limited():
                self._wait_for_listener()
                if self.stop.is_set:
                    break
                if clip := self._speak(sentence, self.stop):
                    self._keep(clip)
        except BnaError as error:
            self.error = None if self.stop.is_set else error

    def _keep(self, clip: Clip) -> None:
        self._played_until = max(self._played_until, time.monotonic()) + clip.duration_s
        self.clips.append(clip)

    def _wait_for_listener(self) -> None:
        """Wait until little enough is left to be played."""
        self._stopped.wait(max(0.0, self._played_until - time.monotonic() - AHEAD_S))

    def _limited(self) -> Iterator[str]:
        spoken_count = 0
        for sentence in _sentences(self._contents):
            spoken_count += len(sentence)
            if spoken_count > MOST_CHARACTERS:
                yield REST
                return
            yield sentence


def growing(turn: RunningTurn, begin: int = 0) -> Iterator[str]:
    """Yield the text of a turn's answer behind `begin`, again and again, as it grows."""
    for _ in turn.follow(FOLLOW_S):
        yield turn.answer.content[begin:]


def _sentences(contents: Iterable[str]) -> Iterator[str]:
    """Yield the sentences of a growing text, each as soon as it is whole."""
    spoken, seen_count = SpokenText(), 0
    for content in contents:
        yield from spoken.feed(content[seen_count:])
        seen_count = len(content)
    yield from spoken.end()
