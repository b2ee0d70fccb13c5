"""A connection: one server, started at the first need, asked, started again once where it died, and stopped.

It is what threads see of a session, which runs on a loop of its own.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from concurrent.futures import TimeoutError as Late
from importlib import import_module
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any

from controller.stages.connections.config import ServerRow
from model.chat.message import now
from model.errors import ToolFailed
from utils.text.characters import one_line
from utils.text.untrusted import harmless
from utils.threads.stop import CancellationToken

if TYPE_CHECKING:
    from mcp.types import CallToolResult
    from mcp.types import Tool as ListedTool

    from controller.stages.connections.wire.session import Session

START_TIMEOUT_S = 60.0  # the first start of a program may download it
OLD_S = 30.0  # of a list of tools
MOST_LOG_LINES = 300
OFF, STARTING, ON, FAILED = "off", "starting", "on", "failed"
START_HINT = "Look at its log on the page Connections, and start it there."


class Connection:
    """One server."""

    def __init__(
        self, row: ServerRow, environment: Mapping[str, str], loop: Callable[[], asyncio.AbstractEventLoop]
    ) -> None:
        self.row = row
        self.state = OFF
        self.problem = ""  # why it has failed
        self.tools: list[ListedTool] = []
        self.offered: tuple[Any, list[Any]] = (None, [])  # what `tools.py` has made of which list of tools
        self.log: deque[str] = deque(maxlen=MOST_LOG_LINES)
        self._environment = environment
        self._loop = loop
        self._session: Session | None = None  # the newest one, which may have ended
        self._starting: Future[Session] | None = None
        self._may_restart = True
        self._listed_at = 0.0
        self._lock = Lock()

    def begin(self) -> "Future[Session]":
        """Begin to start it, if it does not run; return what is done once it does."""
        with self._lock:
            if self._starting and (not self._starting.done() or self._is_alive()):
                return self._starting
            self.state, self.problem = STARTING, ""
            self._starting = asyncio.run_coroutine_threadsafe(self._start(), self._loop())
            return self._starting

    def start(
        self, stop: CancellationToken | None = None, progress: Callable[[str], None] = lambda _text: None
    ) -> None:
        """Start it, if it does not run, and wait until it does. Raises: ToolFailed."""
        self._ready(stop or CancellationToken(), progress)

    def refresh(self) -> None:
        """Let its tools be listed anew in the background, if that was long ago: not all servers tell of changes."""
        session = self._session
        if session and self.state == ON and monotonic() - self._listed_at > OLD_S:
            self._listed_at = monotonic()
            self._loop().call_soon_threadsafe(session.note_change)

    def end(self) -> None:
        """Stop it; the next need starts it again."""
        with self._lock:
            session, starting = self._session, self._starting
            self._session, self._starting, self._may_restart = None, None, True
            self.state, self.problem = OFF, ""
        if starting and not starting.done():
            starting.cancel()
        if session:
            self._loop().call_soon_threadsafe(session.over.set)
            self.note("Stopped.")

    def call(
        self,
        name: str,
        arguments: dict[str, Any],
        stop: CancellationToken,
        progress: Callable[[str], None],
        timeout_s: float,
    ) -> "CallToolResult":
        """Return what a tool gives. Raises: ToolFailed, as `ask` does."""
        result: CallToolResult = self.ask(
            lambda session: session.call(name, arguments, progress), stop, progress, timeout_s
        )
        return result

    def ask(
        self,
        ask: Callable[["Session"], Coroutine[Any, Any, Any]],
        stop: CancellationToken,
        progress: Callable[[str], None],
        timeout_s: float,
    ) -> Any:
        """Return what a server answers; what is stopped, or late, is cancelled there, too. Raises: ToolFailed.

        A server that has died is started again once before it is asked. One that dies while it is asked is, too, but
        not asked again by itself: what it has done by then, nobody knows.
        """
        session = self._ready(stop, progress)
        future = asyncio.run_coroutine_threadsafe(ask(session), self._loop())
        stop.when_set(lambda: _cancel(future))
        try:
            result = future.result(timeout_s)
        except Late as error:
            _cancel(future)
            raise ToolFailed(f"“{self.row.name}” took longer than {timeout_s:g} seconds and was stopped.") from error
        except CancelledError as error:
            raise ToolFailed(f"“{self.row.name}” was stopped.") from error
        except ValueError as error:
            raise ToolFailed(one_line(harmless(f"“{self.row.name}” could not do it. {error}"))[:500]) from error
        except Exception as error:  # Died, which only who has loaded the SDK knows
            raise self._died(session, str(error)) from error
        self._may_restart = True
        return result

    def note(self, line: str) -> None:
        """Write a line into the log."""
        self.log.append(f"{now()[11:19]} {one_line(harmless(line[:1000]))}")

    def _is_alive(self) -> bool:
        return self._session is not None and not self._session.over.is_set()

    def _ready(self, stop: CancellationToken, progress: Callable[[str], None]) -> "Session":
        """Return its session. Raises: ToolFailed."""
        known = self._session
        if known and known.over.is_set():
            self._restart(known, known.why)
            progress("it had ended, and is started again…")
        future = self.begin()
        stopped: Future[None] = Future()
        stop.when_set(lambda: _cancel(stopped))
        try:
            return _first(future, stopped, START_TIMEOUT_S)
        except (Late, CancelledError) as error:
            if stop.is_set or future.cancelled():
                raise ToolFailed(f"“{self.row.name}” was stopped.") from error
            self._fail("it did not answer in time")
            raise ToolFailed(f"“{self.row.name}” can't be reached: {self.problem}.", START_HINT) from error
        except Exception as error:
            self._fail(str(error))
            raise ToolFailed(f"“{self.row.name}” can't be reached: {self.problem}.", START_HINT) from error

    def _restart(self, ended: "Session", why: str) -> None:
        """Let go of a session that has ended, so that another one may begin.

        Raises: ToolFailed where that was done already, to no avail.
        """
        with self._lock:
            if self._session is not ended:  # somebody else has done so
                return
            if not self._may_restart:
                self._fail(why)
                raise ToolFailed(f"“{self.row.name}” has ended twice: {self.problem}.", START_HINT)
            self._may_restart, self._session = False, None
        self.note(f"It had ended ({why}), and is started again.")

    def _died(self, ended: "Session", why: str) -> ToolFailed:
        """Return what is told of a server that died while it was asked, and start it again where it may be."""
        why = one_line(harmless(why)).rstrip(".") or "its program ended"
        try:
            self._restart(ended, why)
        except ToolFailed as error:
            return error
        self.begin()
        told = f"“{self.row.name}” ended while it worked ({why}), and was started again."
        return ToolFailed(told, "Whether it has done what it was asked is not known.")

    def _fail(self, why: str) -> None:
        self.state, self.problem = FAILED, one_line(harmless(why)).rstrip(".")[:200] or "it ended"

    async def _start(self) -> "Session":
        """Open a session. Raises: Died."""
        # The SDK takes a second to load, which only who has a server pays.
        module = await asyncio.to_thread(import_module, "controller.stages.connections.wire.session")
        self.note("Starting.")
        session: Session = module.Session(self.row, self._environment, self.note, self._take_tools)
        self._session = session
        task = asyncio.create_task(session.run())
        task.add_done_callback(lambda _task: self._ended(session))
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                await asyncio.shield(session.ready)
        except BaseException:
            if self._session is session:
                self._session = None  # to begin anew is no restart
            task.cancel()
            raise
        if self._session is session:
            self.state = ON
        self.note(f"On, with {len(self.tools)} tools.")
        return session

    def _take_tools(self, tools: "list[ListedTool]") -> None:
        self.tools, self._listed_at = tools, monotonic()

    def _ended(self, session: "Session") -> None:
        """Note the end of a session that nobody has asked to end."""
        if session is self._session and self.state == ON:
            self.state = OFF
            self.note(f"It has ended: {session.why}.")


def _cancel(future: "Future[Any]") -> None:
    future.cancel()


def _first(future: "Future[Session]", stopped: "Future[None]", timeout_s: float) -> "Session":
    """Return what a future brings, or raise CancelledError once the other is cancelled; it goes on by itself then."""
    wanted: list[Future[Any]] = [future, stopped]
    wait(wanted, timeout_s, FIRST_COMPLETED)
    if stopped.cancelled() and not future.done():
        raise CancelledError
    return future.result(0)
