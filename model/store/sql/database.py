"""One database: its connections, its tables brought up to date at the first use, and its errors in words for a person.

Nothing is opened before it is needed: a database that can't be reached is told by whoever needs it, and is used as
soon as it is there.
"""

import os
import random
import sqlite3
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError, TimeoutError
from sqlalchemy.pool import ConnectionPoolEntry

from model.errors import StoreError, StoreUnreadable, StoreUnwritable
from model.store.sql.migrate import bring_up_to_date
from utils.files.atomic import make_folder
from utils.threads.once import once

POOL_SIZE = 5
PATIENCE_S = 10  # with another program that is writing
_PATIENT = f"PRAGMA busy_timeout={PATIENCE_S * 1000}"
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",  # whoever reads does not wait for whoever writes
    "PRAGMA synchronous=FULL",  # what was said to be saved outlives a power cut
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",  # deleted is deleted
    _PATIENT,
)
_LOOKS_AGAIN_S = 0.001, 0.005  # at random, so that two never keep step
_KEPT = "What was saved before is still there."


class Database:
    """Where conversations of several people may be; threads share it."""

    def __init__(self, address: str) -> None:
        """Name a database as settings do: sqlite:///... or postgresql+psycopg://..."""
        self.url, self._is_usable = _parsed(address)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._is_ready = False
        self._preparing = Lock()

    @property
    def name(self) -> str:
        """Return what a person is told of it: never its password."""
        if self.is_sqlite:
            return Path(self.url.database or "").name
        host = self.url.host or self.url.query.get("host") or "this machine"
        return f"the database “{self.url.database or self.url.username}” at {host}"

    @once
    def engine(self) -> Engine:
        """Return what makes connections."""
        if self.is_sqlite:
            engine = create_engine(self.url, pool_size=POOL_SIZE, max_overflow=0, pool_timeout=PATIENCE_S)
            event.listen(engine, "connect", _prepare_sqlite)
        else:
            engine = create_engine(
                self.url,
                pool_size=POOL_SIZE,
                max_overflow=0,
                pool_timeout=PATIENCE_S,
                pool_pre_ping=True,  # it may have been started anew since
                connect_args={"connect_timeout": 5, "application_name": "bnaGPT"},
            )
        event.listen(engine, "begin", _begin)
        weakref.finalize(self, engine.dispose)
        return engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Hand out a connection at which every statement stands for itself.

        Raises: StoreUnreadable when the database can't be used.
        """
        with self._told(is_writing=False):
            self.prepare()
            options: dict[str, Any] = {} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
            with self.engine.connect().execution_options(**options) as connection:
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Hand out a connection in a transaction; what is not committed in the block has never been.

        Raises: StoreError when the database can't be used, or refuses.
        """
        with self._told(is_writing=True):
            self.prepare()
            with self.engine.connect().execution_options(writes=True) as connection:
                yield connection

    def prepare(self) -> str:
        """Make the tables, or bring them up to date, and tell what was done; "" where nothing was, or had been before.

        Raises: StoreError.
        """
        if self._is_ready:
            return ""
        if not self._is_usable:
            hint = "It has to be like sqlite:///conversations.db or postgresql://name:password@host/database."
            raise StoreUnreadable("DATABASE_URL names no database that bnaGPT can use.", hint)
        with self._preparing, self._told(is_writing=False):
            if self._is_ready:
                return ""
            if self.is_sqlite:
                _make_private(Path(self.url.database or ""))
            told = bring_up_to_date(self.engine)
            self._is_ready = True
        return told

    def forget_deleted(self) -> None:
        """Take what was deleted off the disk as far as that is for us to do, when nobody reads it any more."""
        if self.is_sqlite:
            with suppress(StoreError), self.reading() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close all connections; the next use opens others."""
        if "engine" in vars(self):
            self.engine.dispose()

    @contextmanager
    def _told(self, is_writing: bool) -> Iterator[None]:
        """Turn what a database says in the block into a StoreError, where a person can mend it."""
        try:
            yield
        except TimeoutError as error:
            raise StoreUnwritable(f"Too much is being read and written in {self.name} at once.", _KEPT) from error
        except (DBAPIError, sqlite3.Error, OSError) as error:
            told = self._of_sqlite(error) if self.is_sqlite else self._of_postgres(error)
            if told is None:
                raise
            kind = StoreUnwritable if is_writing else StoreUnreadable
            raise kind(*told) from error

    def _of_sqlite(self, error: Exception) -> tuple[str, str] | None:
        """Return what happened, and what to do; None for a bug."""
        error = getattr(error, "orig", error)
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_IOERR if isinstance(error, OSError) else 0) & 0xFF
        where = f"Look at {self.url.database}, or let DATABASE_URL name another. {_KEPT}"
        said = str(error)
        match code:
            case sqlite3.SQLITE_FULL:
                return f"The disk is full, so {self.name} could not be written.", f"Make some room. {_KEPT}"
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return f"Another program is using {self.name} and does not let go of it.", f"Close it. {_KEPT}"
            case sqlite3.SQLITE_READONLY:
                return f"{self.name} could not be written: it is read-only.", f"Allow writing to it. {_KEPT}"
            case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
                return f"{self.name} is damaged, or no database.", where
            case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_IOERR | sqlite3.SQLITE_PERM:
                return f"{self.name} could not be opened: {said}.", where
        return None

    def _of_postgres(self, error: Exception) -> tuple[str, str] | None:
        """Return what happened, and what to do; None for a bug."""
        state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
        # A connection that is refused has no state, only words.
        found = next((told for prefix, told in _STATES.items() if state.startswith(prefix)), "") or next(
            (_STATES[prefix] for words, prefix in _WORDS.items() if not state and words in str(error)), ""
        )
        if found:
            return f"{self.name[:1].upper()}{self.name[1:]} {found}", f"Look at it, or at DATABASE_URL. {_KEPT}"
        if not isinstance(error, OperationalError | InterfaceError | OSError):
            return None
        hint = f"It is used again as soon as it is there; DATABASE_URL says where. {_KEPT}"
        return f"{self.name[:1].upper()}{self.name[1:]} can't be reached.", hint


_STATES = {
    "53100": "has no room left on its disk.",
    "53300": "has no connection left.",
    "25006": "can only be read now.",
    "42501": "does not allow that to this user.",
    "28": "does not let this user in.",
    "3D000": "does not exist.",
    "55P03": "is being written by another program, which does not let go of it.",
}


_WORDS = {
    "too many connections": "53300",
    "remaining connection slots": "53300",
    "authentication failed": "28",
    "no pg_hba.conf entry": "28",
    "no password supplied": "28",
    "does not exist": "3D000",
}


def _parsed(address: str) -> tuple[URL, bool]:
    """Return an address, and whether it is one of a database that can be used; one in memory would forget all."""
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        return make_url("sqlite://"), False
    kinds = ("sqlite", "postgresql")
    return url, url.drivername in (*kinds, "postgresql+psycopg") and bool(url.database) and url.database != ":memory:"


def _prepare_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions begin where we say so
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    """Begin a transaction that writes: at once, so that nobody else does meanwhile."""
    if not connection.get_execution_options().get("writes"):
        return
    if connection.dialect.name == "sqlite":
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        _begin_between_others(driver)
    else:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE_S}s'")


def _begin_between_others(connection: sqlite3.Connection) -> None:
    """Begin a transaction in the first gap that whoever else writes leaves.

    SQLite itself looks ten times a second: beside a program that writes without a pause that may be never.
    """
    until_s = time.monotonic() + PATIENCE_S
    connection.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until_s:
                    raise
            time.sleep(random.uniform(*_LOOKS_AGAIN_S))
    finally:
        connection.execute(_PATIENT)


def _make_private(path: Path) -> None:
    """Make an empty file that only its owner can read, where there is none; SQLite's other files take after it."""
    make_folder(path.parent)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
