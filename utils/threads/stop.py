"""Cancellation token: tells what runs in another thread that it shall end."""

from collections.abc import Callable
from threading import Event, RLock


class CancellationToken:
    """Set once by whoever wants the end; actions given to `when_set` run at that moment."""

    def __init__(self) -> None:
        self._event = Event()
        self._lock = RLock()  # a signal handler may set it while this thread does
        self._actions: list[Callable[[], None]] = []

    @property
    def is_set(self) -> bool:
        return self._event.is_set()

    def set(self) -> None:
        with self._lock:
            self._event.set()
            actions, self._actions = self._actions, []
        for action in actions:
            action()

    def when_set(self, action: Callable[[], None]) -> None:
        """Run the action at the stop; at once if that has been."""
        with self._lock:
            if not self._event.is_set():
                self._actions.append(action)
                return
        action()
