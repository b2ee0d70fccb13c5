"""A day that is closed by a program of its own: one that is killed meanwhile, and one that has no network."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from controller.stages.log.diary import SUMMARIES
from controller.stages.log.files import ENDINGS
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.log.days import conversation_id
from model.log.google.account import AccountFile
from model.store.json_store import JsonStore
from settings import ROOT, Settings
from tests.google_server import DRIVE, GoogleServer
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import daily
from utils.retrieval.embeddings import FOLDER

DAY = date(2026, 11, 29)
# Each is a function that closing calls; the program is killed when it has returned for the so-maniest time.
POINTS = [("keep", 1), ("choose", 1), ("write_private", 2), ("write_private", 5), ("choose", 2)]
# In an upload: before its id is noted, after that, once it is begun, once a file has arrived, and once all have.
UPLOAD_POINTS = [("place", 1), ("choose", 3), ("_begin", 1), ("_piece", 1), ("upload", 1), ("_piece", 3), ("upload", 3)]
CLOSE = """
import os, signal, sys
from datetime import date
from controller.history.editing import Changes
from controller.stages.log import files
from controller.stages.log.closing import close_day
from controller.stages.log.diary import diary_of
from model.log.google.drive import Drive
from view.app import RunningApp

name, left = sys.argv[1], int(sys.argv[2])
place = next(one for one in (files, Drive, Changes) if hasattr(one, name) or one is Changes)
real = getattr(place, name, None)

def last(*arguments, **options):
    global left
    returned = real(*arguments, **options)
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return returned

if real:
    setattr(place, name, last)
services = RunningApp().services_of()
diary = diary_of(services.resources)
diary.open(services)
close_day(diary, date(2026, 11, 29))
"""


def close(environ: dict[str, str], name: str = "nothing", count: int = 0, under: tuple[str, ...] = ()) -> int:
    """Close the day in a program of its own, under another one, and return how that ended."""
    command = [*under, sys.executable, "-c", CLOSE, name, str(count)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | environ, capture_output=True, check=False)
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done.returncode


@pytest.fixture
def store(tmp_path: Path) -> JsonStore:
    """Return conversations with a day in them."""
    kept = JsonStore(tmp_path / "conversations.json")
    said = [Message("user", "We planted a pear tree."), Message("assistant", "Nice.")]
    opening = Message("system", "Today is Sunday.", id=conversation_id(DAY), kind="Opening of the day")
    kept.save(DAY.isoformat(), Conversation([opening, *said]))
    return kept


def summaries(folder: Path) -> list[str]:
    messages = JsonStore(folder / "conversations.json").find(conversation_id(DAY)).all_messages
    return [one.content for one in messages if one.kind in SUMMARIES]


@pytest.mark.skipif(os.name != "posix", reason="no SIGKILL there")
def test_a_day_is_closed_once_whenever_the_program_is_killed(
    environ: dict[str, str], server: ScriptedServer, store: JsonStore, tmp_path: Path
):
    server.default_reply = Reply("A pear tree was planted.")
    for _ in range(daily(1, 20)):
        for name, count in POINTS:
            close(environ, name, count)
    assert close(environ) == 0
    assert summaries(tmp_path) == ["A pear tree was planted."]
    assert len(server.requests) == 1
    assert sorted(path.name for path in (tmp_path / "log").iterdir()) == sorted(f"{DAY}{one}" for one in ENDINGS)


@pytest.fixture
def google(environ: dict[str, str]) -> Iterator[GoogleServer]:
    """Return a Google whose Drive is connected."""
    with GoogleServer() as server:
        environ |= server.environ
        settings = Settings.from_env(environ)
        server.refresh_tokens["refresh-1"] = DRIVE
        secret = server.environ["GOOGLE_CLIENT_SECRET"]
        AccountFile(settings.beside("google")).change(
            lambda kept: replace(kept.with_token("refresh-1", secret), scopes=DRIVE)
        )
        yield server


@pytest.mark.skipif(os.name != "posix", reason="no SIGKILL there")
def test_files_are_uploaded_once_whenever_the_program_is_killed(
    environ: dict[str, str], server: ScriptedServer, store: JsonStore, tmp_path: Path, google: GoogleServer
):
    server.default_reply = Reply("A pear tree was planted.")
    for _ in range(daily(1, 20)):
        for name, count in UPLOAD_POINTS:
            close(environ, name, count)
    assert close(environ) == 0
    there = google.uploaded()
    assert there == {f"{DAY}{one}": (tmp_path / "log" / f"{DAY}{one}").read_bytes() for one in ENDINGS}
    assert len(google.files) == len(ENDINGS) + 1  # and their folder
    assert len(server.requests) == 1


NO_NETWORK = ("unshare", "--net", "--map-root-user")


def can_leave_the_network() -> bool:
    return bool(shutil.which("unshare")) and not subprocess.run([*NO_NETWORK, "true"], capture_output=True).returncode


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the encoder's weights are not installed; `make install`")
def test_a_day_is_closed_without_any_network(environ: dict[str, str], store: JsonStore, tmp_path: Path):
    if not can_leave_the_network():
        pytest.skip("no network namespaces here")
    assert close(environ, under=NO_NETWORK) == 0
    [summary] = summaries(tmp_path)
    assert "We planted a pear tree." in summary
    assert sorted(path.name for path in (tmp_path / "log").iterdir()) == sorted(f"{DAY}{one}" for one in ENDINGS)
