"""The queue of downloads: one at a time, in a thread of its own, so that they go on when the page is closed.

What is fetched, and how, is its source's affair: `hub_source.py`, `ollama.py`.
"""

import logging
import time
from collections import deque
from collections.abc import Callable
from threading import Event, RLock
from typing import Protocol

from model.errors import DownloadFailed
from utils.threads.jobs import Job
from utils.threads.stop import CancellationToken

WAITING, FETCHING, CHECKING, PAUSED, FAILED, DONE = "Waiting", "Fetching", "Checking", "Paused", "Failed", "Done"
UNDER_WAY = (WAITING, FETCHING, CHECKING)
RETRY_WAITS_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)  # after a line was cut; the last one again and again
MOST_WAIT_S = 3600.0  # whatever the far side asks for
_SPEED_OVER_S = 10.0

Told = Callable[[int, int], None]  # is called with how many bytes there are, and how many there will be


class DownloadSource(Protocol):
    """Where a download comes from; its `key` is one for the same thing."""

    key: str
    title: str

    def fetch(self, told: Told, stop: CancellationToken) -> None:
        """Fetch what is missing.

        Raises: DownloadFailed; InterruptedError when `stop` is set.
        """

    def forget(self) -> None:
        """Remove what has come so far."""


class Download:
    """One thing that is fetched, or was."""

    def __init__(self, source: DownloadSource, state: str = WAITING, done_bytes: int = 0, size_bytes: int = 0) -> None:
        self.source = source
        self.state = state
        self.done_bytes = done_bytes
        self.size_bytes = size_bytes
        self.note = ""  # why it waits, or can't go on
        self.stop = CancellationToken()
        self._came: deque[tuple[float, int]] = deque()  # when how many bytes were there

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def bytes_per_s(self) -> float:
        """Return how fast it was in the last seconds; 0 where nothing came."""
        came = list(self._came)
        passed_s = time.monotonic() - came[0][0] if came else 0.0
        return (came[-1][1] - came[0][1]) / passed_s if self.state == FETCHING and passed_s > 0 else 0.0

    @property
    def left_s(self) -> float | None:
        """Return how long it will take; None where nobody knows."""
        return (self.size_bytes - self.done_bytes) / self.bytes_per_s if self.bytes_per_s > 0 else None

    def run(self) -> None:
        """Fetch it to its end, or until it can't go on; a line that is cut is waited for."""
        tries = 0
        while True:
            begun = self.done_bytes
            try:
                self._fetch()
                return
            except InterruptedError:
                self.state, self.note = PAUSED, ""
                return
            except DownloadFailed as error:
                self.note = f"{error.message} {error.hint}".strip()
                if error.wait_s is None:
                    self.state = FAILED
                    return
                tries = 0 if self.done_bytes > begun else tries
                wait_s = error.wait_s or RETRY_WAITS_S[min(tries, len(RETRY_WAITS_S) - 1)]
                tries += 1
                if self._is_stopped_within(min(wait_s, MOST_WAIT_S)):
                    self.state = PAUSED
                    return

    def _fetch(self) -> None:
        self.state = FETCHING
        self._came.clear()
        try:
            self.source.fetch(self._tell, self.stop)
        except (DownloadFailed, InterruptedError):
            raise
        except Exception as error:  # a bug, which must not hold up those that wait behind it
            logging.getLogger(__name__).exception("A download failed.")
            text = "bnaGPT made a mistake while it fetched this; its log has more."
            raise DownloadFailed(text, "Resume tries again.") from error
        self.state, self.note = DONE, ""

    def _tell(self, done_bytes: int, size_bytes: int) -> None:
        now = time.monotonic()
        self.done_bytes, self.size_bytes, self.note = done_bytes, size_bytes, ""
        self.state = CHECKING if done_bytes >= size_bytes > 0 else FETCHING
        self._came.append((now, done_bytes))
        while now - self._came[0][0] > _SPEED_OVER_S:
            self._came.popleft()

    def _is_stopped_within(self, wait_s: float) -> bool:
        stopped = Event()
        self.stop.when_set(stopped.set)
        self.note += f" It is tried again in {wait_s:.0f} s."
        return stopped.wait(wait_s)


class Downloads:
    """What is fetched in this process."""

    def __init__(self) -> None:
        self._known: dict[str, Download] = {}
        self._job: Job | None = None
        self._lock = RLock()

    def all(self) -> list[Download]:
        """Return the downloads, in the order in which they were asked for."""
        with self._lock:
            return list(self._known.values())

    def named(self, key: str) -> Download | None:
        return self._known.get(key)

    def add(self, download: Download) -> None:
        """Take a download up; the same one that is under way stays, one that has ended gives way."""
        with self._lock:
            known = self._known.get(download.source.key)
            if known is None or not known.is_under_way:
                self._known[download.source.key] = download
            self._begin()

    def pause(self, key: str) -> None:
        with self._lock:
            if found := self._known.get(key):
                if found.state == WAITING:
                    found.state = PAUSED
                found.stop.set()

    def resume(self, key: str) -> None:
        """Let one that is paused, or could not go on, take its turn."""
        with self._lock:
            found = self._known.get(key)
            if found and found.state in (PAUSED, FAILED):
                found.state, found.note, found.stop = WAITING, "", CancellationToken()
                self._begin()

    def cancel(self, key: str) -> None:
        """End one for good, and remove what has come of it; one that is done is only no longer told of."""
        with self._lock:
            found = self._known.pop(key, None)
            if found is None:
                return
            is_running = found.state in (FETCHING, CHECKING)
            found.stop.set()
        if found.state != DONE and not is_running:
            found.source.forget()

    def _begin(self) -> None:
        if self._job is None:
            self._job = Job()
            self._job.begin(self._run)

    def _run(self) -> None:
        while found := self._next():
            found.run()
            if self._known.get(found.source.key) is not found and found.state != DONE:  # cancelled meanwhile
                found.source.forget()

    def _next(self) -> Download | None:
        """Return what is fetched next; where nothing waits, the thread is over."""
        with self._lock:
            found = next((one for one in self._known.values() if one.state == WAITING), None)
            if found is None:
                self._job = None
            else:
                found.state = FETCHING
            return found
