"""A program that is killed while it closes a day: the next one goes on, and nothing is made twice."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from controller.stages.log.diary import SUMMARIES
from controller.stages.log.files import ENDINGS
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.log.days import conversation_id
from model.store.json_store import JsonStore
from settings import ROOT
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import daily

DAY = date(2026, 11, 29)
# Each is a function that closing calls; the program is killed when it has returned for the so-maniest time.
POINTS = [("keep", 1), ("choose", 1), ("write_private", 2), ("write_private", 5), ("choose", 2)]
CLOSE = """
import os, signal, sys
from datetime import date
from controller.history.editing import Changes
from controller.stages.log import files
from controller.stages.log.closing import close_day
from controller.stages.log.diary import diary_of
from view.app import RunningApp

name, left = sys.argv[1], int(sys.argv[2])
place = files if name == "write_private" else Changes
real = getattr(place, name, None)

def last(*arguments, **options):
    global left
    real(*arguments, **options)
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

if real:
    setattr(place, name, last)
services = RunningApp().services_of()
diary = diary_of(services.resources)
diary.open(services)
close_day(diary, date(2026, 11, 29))
"""


def close(environ: dict[str, str], name: str = "nothing", count: int = 0) -> int:
    """Close the day in a program of its own, and return how that ended."""
    variables = os.environ | environ
    done = subprocess.run(
        [sys.executable, "-c", CLOSE, name, str(count)], cwd=ROOT, env=variables, capture_output=True, check=False
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done.returncode


@pytest.mark.skipif(os.name != "posix", reason="no SIGKILL there")
def test_a_day_is_closed_once_whenever_the_program_is_killed(
    environ: dict[str, str], server: ScriptedServer, tmp_path: Path
):
    store = JsonStore(tmp_path / "conversations.json")
    said = [Message("user", "We planted a pear tree."), Message("assistant", "Nice.")]
    opening = Message("system", "Today is Sunday.", id=conversation_id(DAY), kind="Opening of the day")
    store.save(DAY.isoformat(), Conversation([opening, *said]))
    server.default_reply = Reply("A pear tree was planted.")
    for _ in range(daily(1, 4)):
        for name, count in POINTS:
            close(environ, name, count)
    assert close(environ) == 0
    messages = JsonStore(tmp_path / "conversations.json").find(conversation_id(DAY)).all_messages
    assert [one.content for one in messages if one.kind in SUMMARIES] == ["A pear tree was planted."]
    assert len(server.requests) == 1
    assert sorted(path.name for path in (tmp_path / "log").iterdir()) == sorted(f"{DAY}{one}" for one in ENDINGS)
