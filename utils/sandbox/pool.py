"""Sandboxes by key, a few at once: the one that was used longest ago makes room for a new one."""

import threading

from utils.sandbox.sandbox import Limits, Sandbox

MAX_ALIVE = 4


class Sandboxes:
    """Gives each key a sandbox of its own.

    Workers end by themselves when they are idle, and when this process ends, however it ends.
    """

    def __init__(self, engine: str, limits: Limits | None = None, max_alive: int = MAX_ALIVE) -> None:
        self.engine, self.limits = engine, limits or Limits()
        self._max_alive = max_alive
        self._sandboxes: dict[str, Sandbox] = {}
        self._known: set[str] = set()
        self._lock = threading.Lock()

    def of(self, key: str) -> Sandbox:
        """Return the key's sandbox; one that has to make room for it loses its variables.

        Raises: RuntimeError when all that there may be are running.
        """
        with self._lock:
            sandbox = self._sandboxes.pop(key, None)
            if sandbox is None:
                self._make_room()
                sandbox = Sandbox(self.engine, self.limits)
                sandbox.has_run = key in self._known
                self._known.add(key)
            self._sandboxes[key] = sandbox
            return sandbox

    def end(self) -> None:
        with self._lock:
            for sandbox in self._sandboxes.values():
                sandbox.end()
            self._sandboxes.clear()

    def _make_room(self) -> None:
        """End the one that was used longest ago, if there are too many."""
        if len(self._sandboxes) < self._max_alive:
            return
        idle = next((key for key, sandbox in self._sandboxes.items() if not sandbox.is_running), None)
        if idle is None:
            raise RuntimeError(f"all {self._max_alive} sandboxes are running code")
        self._sandboxes.pop(idle).end()
