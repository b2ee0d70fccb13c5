"""Bring a database's tables up to date, once, whoever comes first; the others wait.

Where a migration changes data, SQLite's file is copied before; of PostgreSQL, only whoever runs it can make a backup.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, select, table, text
from sqlalchemy import column as named

from model.errors import StoreUnreadable
from model.store.sql.tables import HEAD

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x626E61475054  # "bnaGPT", as the number of a lock


def config_of(connection: Connection, folder: Path = FOLDER) -> "Config":
    """Return what Alembic is told."""
    from alembic.config import Config  # half a second, which only a database pays that is behind

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def revision_of(connection: Connection) -> str | None:
    """Return which migration a database has come to; None for one that is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(select(named("version_num")).select_from(table("alembic_version")))
    return found


def bring_up_to_date(engine: Engine, head: str = HEAD, folder: Path = FOLDER) -> str:
    """Run the migrations that are missing, and return what was done, in a sentence; "" where nothing was.

    Raises: StoreUnreadable when a newer bnaGPT has made the database.
    """
    with engine.connect() as connection:
        if revision_of(connection) == head:
            return ""
    with engine.connect().execution_options(writes=True) as connection:
        if engine.dialect.name == "sqlite":
            # A table that is made anew would take along what refers to it. It can't be set within a transaction.
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        try:
            with connection.begin():
                return _migrated(connection, head, folder)
        finally:
            connection.invalidate()  # with what was set


def _migrated(connection: Connection, head: str, folder: Path) -> str:
    """Run the migrations that are missing now that nobody else does."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
    from alembic import command
    from alembic.script import ScriptDirectory

    before, config = revision_of(connection), config_of(connection, folder)
    if before == head:
        return ""
    script = ScriptDirectory.from_config(config)
    known = {one.revision: one for one in script.walk_revisions()}
    if before is not None and before not in known:
        raise StoreUnreadable("A newer bnaGPT has made this database.", "Start that one, or name another database.")
    missing = [one for one in script.iterate_revisions(head, before) if one]
    copy = _copied(connection, before) if before and any(one.module.changes_data for one in missing) else ""
    command.upgrade(config, head)
    kept = f" As it was before, it is kept as {copy}." if copy else ""
    return f"The database is now at {head}; it was {f'at {before}' if before else 'empty'}.{kept}"


def _copied(connection: Connection, before: str) -> str:
    """Copy SQLite's file, and return the copy's name; of PostgreSQL nothing is copied."""
    if connection.dialect.name != "sqlite" or not connection.engine.url.database:
        return ""
    file = Path(connection.engine.url.database)
    copy = file.with_name(f"{file.name}.before-{before}")
    copy.touch(mode=0o600)
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy.name
