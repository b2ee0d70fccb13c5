"""All connections of this process, one for each server that `mcp.json` names, on one loop in a thread of its own.

Nothing starts here by itself: a server starts when a conversation that has it switched on asks something, or by a
click.
"""

import asyncio
import atexit
from collections.abc import Sequence
from threading import Lock, Thread

from controller.resources import Resources, built_per_process
from controller.stages.connections.config import Config, ConfigFile
from controller.stages.connections.connection import Connection
from utils.threads.once import once

END_S = 5.0


class Connections:
    """The servers of the file as it is now; one whose row has changed is stopped, and begins anew."""

    def __init__(self, file: ConfigFile, environment: dict[str, str]) -> None:
        self.file = file
        self._environment = environment
        self._made: dict[str, Connection] = {}
        self._lock = Lock()

    def config(self) -> Config:
        return self.file.read()

    def all(self) -> list[Connection]:
        """Return the connections, in the order of the file."""
        rows = {row.name: row for row in self.config().rows}
        with self._lock:
            for name, known in list(self._made.items()):
                if rows.get(name) != known.row:
                    del self._made[name]
                    known.end()
            for name, row in rows.items():
                if name not in self._made:
                    self._made[name] = Connection(row, self._environment, lambda: self._loop)
            return [self._made[name] for name in rows]

    def named(self, names: Sequence[str]) -> list[Connection]:
        return [one for one in self.all() if one.row.name in names]

    def end(self) -> None:
        """Stop all servers, and wait for that."""
        with self._lock:
            made = list(self._made.values())
        for one in made:
            one.end()
        if "_loop" in vars(self):
            asyncio.run_coroutine_threadsafe(_others_ended(), self._loop).result(END_S)

    @once
    def _loop(self) -> asyncio.AbstractEventLoop:
        loop = asyncio.new_event_loop()
        Thread(target=loop.run_forever, name="connections", daemon=True).start()
        atexit.register(self._end_quietly)
        return loop

    def _end_quietly(self) -> None:
        try:
            self.end()
        except Exception:  # at the program's end nobody is told
            return


async def _others_ended() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others, timeout=END_S - 1)


@built_per_process
def connections_of(resources: Resources) -> Connections:
    settings = resources.settings
    return Connections(ConfigFile(settings), dict(settings.environment))
