"""A database's tables are made once, brought up to date, and go back, with rows in them."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.errors import StoreUnreadable
from model.store.sql.database import Database
from model.store.sql.migrate import FOLDER, bring_up_to_date, config_of, revision_of
from model.store.sql.store import SqlStore
from model.store.sql.tables import HEAD
from settings import Settings

REVISIONS = [one.revision for one in ScriptDirectory(str(FOLDER)).walk_revisions()][::-1]
NewDatabase = Callable[[], Database]


@pytest.fixture(params=["sqlite", "postgres"])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NewDatabase]:
    """Return what opens one empty database, as each program does."""
    address = f"sqlite:///{tmp_path / 'conversations.db'}"
    if request.param == "postgres":
        address = request.getfixturevalue("postgres").new_database(has_tables=False)
    opened: list[Database] = []

    def new() -> Database:
        opened.append(Database(Settings.from_env({"DATABASE_URL": address}).database_url))
        return opened[-1]

    yield new
    for database in opened:
        database.close()


def alembic(database: Database, work: Callable[[Config], None]) -> None:
    """Do what Alembic's command line does."""
    with database.engine.begin() as connection:
        work(config_of(connection))


def revision(database: Database) -> str | None:
    with database.engine.connect() as connection:
        return revision_of(connection)


def test_the_newest_migration_is_the_one_that_the_tables_name():
    assert REVISIONS[-1] == HEAD


def test_the_tables_are_made_at_the_first_use_and_told_once(new_database: NewDatabase):
    first, second = new_database(), new_database()
    assert first.prepare() == f"The database is now at {HEAD}; it was empty."
    assert first.prepare() == second.prepare() == ""


def test_alembic_check_finds_nothing(new_database: NewDatabase):
    database = new_database()
    database.prepare()
    alembic(database, command.check)


@pytest.mark.parametrize("place", range(len(REVISIONS)))
def test_up_and_down_at_each_revision_keeps_the_rows(new_database: NewDatabase, place: int):
    database, conversation = new_database(), Conversation([Message("user", "hi"), Message("assistant", "hello")])
    SqlStore(database).save("A", conversation)
    alembic(database, lambda config: command.downgrade(config, REVISIONS[place]))
    assert revision(database) == REVISIONS[place]
    again, before = new_database(), REVISIONS[place]
    assert again.prepare() == ("" if before == HEAD else f"The database is now at {HEAD}; it was at {before}.")
    assert SqlStore(again).load("A") == conversation


def test_all_the_way_down_leaves_nothing_and_all_the_way_up_begins_anew(new_database: NewDatabase):
    database = new_database()
    SqlStore(database).save("A", Conversation([Message("user", "hi")]))
    alembic(database, lambda config: command.downgrade(config, "base"))
    assert revision(database) is None
    assert SqlStore(new_database()).names() == []


def test_programs_that_start_at_once_make_the_tables_once(new_database: NewDatabase):
    databases, told, wrong = [new_database() for _ in range(4)], [], []

    def start(database: Database) -> None:
        try:
            told.append(database.prepare())
        except Exception as error:
            wrong.append(error)

    threads = [Thread(target=start, args=(one,)) for one in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong and len([one for one in told if one]) == 1


def test_a_database_of_a_newer_bnagpt_is_told_and_left_alone(new_database: NewDatabase):
    database = new_database()
    database.prepare()
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreUnreadable, match="newer"):
        SqlStore(new_database()).names()
    assert revision(database) == "9999"


@pytest.fixture
def changing_data(tmp_path: Path) -> Path:
    """Return migrations of which the last one changes data."""
    folder = tmp_path / "migrations"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9000_shout.py").write_text(
        f"""from alembic import op
revision, down_revision, branch_labels, depends_on, changes_data = "9000", "{HEAD}", None, None, True
def upgrade(): op.execute("UPDATE messages SET content = upper(content)")
def downgrade(): pass
"""
    )
    return folder


def test_sqlite_is_copied_before_data_is_changed(tmp_path: Path, changing_data: Path):
    file = tmp_path / "conversations.db"
    with closing(Database(f"sqlite:///{file}")) as database:
        SqlStore(database).save("A", Conversation([Message("user", "hi")]))
        told = bring_up_to_date(database.engine, "9000", changing_data)
    copy = file.with_name(f"conversations.db.before-{HEAD}")
    assert copy.name in told and oct(copy.stat().st_mode)[-3:] == "600"
    for path, content in ((file, "HI"), (copy, "hi")):
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT content FROM messages").fetchall() == [(content,)]


def test_a_migration_that_breaks_off_leaves_all_as_it_was(new_database: NewDatabase, changing_data: Path):
    broken = changing_data / "versions" / "9000_shout.py"
    broken.write_text(broken.read_text().replace("def downgrade", "    raise RuntimeError\ndef downgrade"))
    broken.write_text(broken.read_text().replace("def upgrade(): op", "def upgrade():\n    op"))
    database = new_database()
    SqlStore(database).save("A", Conversation([Message("user", "hi")]))
    with pytest.raises(RuntimeError):
        bring_up_to_date(database.engine, "9000", changing_data)
    again = new_database()
    assert again.prepare() == "" and SqlStore(again).load("A").messages[0].content == "hi"
