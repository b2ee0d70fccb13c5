"""A connection: real servers, Stop, limits, death, and what the child is given."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from controller.stages.connections.connection import FAILED, OFF, ON
from controller.stages.connections.offers import offers_of, written_prompt
from controller.stages.connections.tools import tools_of
from model.errors import ToolFailed
from tests.controller.stages.connections.conftest import Connect, call
from tests.mcp_places import EVERYTHING, FILESYSTEM, Peer, program, told
from tests.waiting import PATIENCE_S, has_ended, wait_until
from utils.threads.stop import CancellationToken

NODE = shutil.which("npx")
needs_node = pytest.mark.skipif(
    NODE is None and os.environ.get("CI") != "true", reason="Node is not here, which these servers are written for"
)


def test_the_time_server_tells_the_time(connect: Connect):
    connection = connect(row={"command": program("mcp-server-time"), "args": ["--local-timezone", "Europe/Berlin"]})
    connection.start()
    assert connection.state == ON
    assert {tool.model_name for tool in tools_of(connection)} == {"get_current_time", "convert_time"}
    assert "Asia/Tokyo" in call(connection, "get_current_time", timezone="Asia/Tokyo")


def test_the_git_server_reads_a_repository_and_its_writing_tools_ask(connect: Connect, tmp_path: Path):
    repository = tmp_path / "repository"
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    (repository / "new.txt").write_text("new")
    connection = connect(row={"command": program("mcp-server-git"), "args": ["--repository", str(repository)]})
    assert "new.txt" in call(connection, "git_status", repo_path=str(repository))
    by_name = {tool.name: tool for tool in tools_of(connection)}
    assert by_name["git_status"].is_read_only and not by_name["git_commit"].is_read_only
    assert by_name["git_commit"].parameters["required"] == ["repo_path", "message"]


@needs_node
@pytest.mark.slow
@pytest.mark.parametrize("server", [EVERYTHING, FILESYSTEM])
def test_servers_from_npm_are_understood(connect: Connect, tmp_path: Path, server: str):
    (tmp_path / "hello.txt").write_text("hello there")
    arguments = ["-y", server, *([str(tmp_path)] if server == FILESYSTEM else [])]
    cache = {"npm_config_cache": os.environ.get("npm_config_cache", os.path.expanduser("~/.npm"))}
    connection = connect(row={"command": NODE, "args": arguments, "env": cache})
    connection.start()
    names = {tool.name for tool in tools_of(connection)}
    if server == FILESYSTEM:
        assert "hello there" in call(connection, "read_text_file", path=str(tmp_path / "hello.txt"))
        assert "denied" in call(connection, "read_text_file", path="/etc/hostname")
    else:
        assert {"echo", "get-tiny-image"} <= names
        assert call(connection, "echo", message="hi") == "Echo: hi"
        offers = offers_of(connection)
        assert len(offers.resources) > 3 and any(one.is_pattern for one in offers.resources)
        asked = next(prompt for prompt in offers.prompts if any(field.is_required for field in prompt.fields))
        told = {field.name: "Paris" for field in asked.fields if field.is_required}
        assert "Paris" in written_prompt(connection, asked, told)


def test_the_child_gets_the_environment_of_its_row_and_no_other(connect: Connect, tmp_path: Path):
    peer = Peer(tmp_path / "peer", told("env"))
    connection = connect(row=peer.row | {"env": {**peer.row["env"], "MINE": "1"}}, OPENAI_API_KEY="sk-secret")
    found = json.loads(call(connection, "env"))
    assert set(found) - {"PATH", "LC_CTYPE", "__CF_USER_TEXT_ENCODING"} == {"SPEC", "RECORD", "MINE"}


def test_stop_ends_a_call_that_is_never_answered_and_the_server_is_told(connect: Connect, tmp_path: Path):
    peer = Peer(tmp_path / "peer", told("slow"))
    connection = connect(row=peer.row)
    stop, ended = CancellationToken(), list[bool]()

    def work() -> None:
        with pytest.raises(ToolFailed):
            call(connection, "slow", stop, timeout_s=10 * PATIENCE_S)
        ended.append(True)

    thread = Thread(target=work)
    thread.start()
    wait_until(lambda: peer.called == ["slow"])
    stop.set()
    thread.join(PATIENCE_S)
    assert ended == [True]
    wait_until(lambda: peer.heard("notifications/cancelled"))
    assert connection.state == ON


def test_a_call_that_takes_too_long_is_cancelled_at_the_server_too(connect: Connect, tmp_path: Path):
    peer = Peer(tmp_path / "peer", told("slow"), told("echo"))
    connection = connect(row=peer.row)
    connection.start()
    with pytest.raises(ToolFailed, match="took longer than 0.2 seconds"):
        call(connection, "slow", timeout_s=0.2)
    wait_until(lambda: peer.heard("notifications/cancelled"))
    assert call(connection, "echo", a=1) == '{"a": 1}'


def test_a_server_that_dies_while_it_works_is_started_again_and_told_and_not_asked_again(
    connect: Connect, tmp_path: Path
):
    peer = Peer(tmp_path / "peer", told("die"), told("echo"))
    connection = connect(row=peer.row)
    with pytest.raises(ToolFailed, match="“mine” ended while it worked") as caught:
        call(connection, "die")
    assert "not known" in caught.value.hint
    assert call(connection, "echo", a=1) == '{"a": 1}'
    assert peer.called == ["die", "echo"] and any("started again" in line for line in connection.log)


def test_a_server_that_dies_each_time_is_started_again_once_and_then_by_the_person(connect: Connect, tmp_path: Path):
    peer = Peer(tmp_path / "peer", told("die"))
    connection = connect(row=peer.row)
    for _ in range(2):
        with pytest.raises(ToolFailed):
            call(connection, "die")
    assert connection.state == FAILED
    with pytest.raises(ToolFailed, match="has ended twice"):
        call(connection, "die")
    assert len(peer.heard("initialize")) == 2
    connection.end()
    connection.start()
    assert connection.state == ON


def test_a_server_that_was_found_dead_is_started_again_before_it_is_asked(connect: Connect, tmp_path: Path):
    peer = Peer(tmp_path / "peer", told("die"), told("echo"))
    connection = connect(row=peer.row)
    connection.start()
    assert connection._session
    with pytest.raises(ToolFailed):
        call(connection, "die")
    wait_until(lambda: connection.state == ON)
    connection._may_restart = True
    connection._loop().call_soon_threadsafe(connection._session.over.set)
    wait_until(lambda: connection.state == OFF)
    assert call(connection, "echo", a=2) == '{"a": 2}'


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"command": "/nowhere/program"}, "there is no program “/nowhere/program”"),
        ({"command": sys.executable, "args": ["-c", "print('hello')"]}, "its program ended"),
        ({"command": sys.executable, "args": ["-c", "import sys; sys.exit('no key')"]}, "its program ended"),
        ({"url": "http://127.0.0.1:9/mcp"}, "nothing answers at its address"),
    ],
)
def test_a_server_that_can_not_be_started_is_told_in_one_sentence(connect: Connect, row: dict[str, Any], reason: str):
    connection = connect(row=row)
    with pytest.raises(ToolFailed, match=f"“mine” can't be reached: .*{reason}"):
        connection.start()
    assert connection.state == FAILED


def test_a_program_that_ignores_its_end_is_ended(connect: Connect, tmp_path: Path):
    peer = Peer(tmp_path / "peer", told("echo"))
    script = f"import os, runpy, signal; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); " + (
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        f"runpy.run_path({peer.row['args'][0]!r}, run_name='__main__'); import time; time.sleep(1000)"
    )
    connection = connect(row=peer.row | {"args": ["-c", script]})
    connection.start()
    pid = int((tmp_path / "pid").read_text())
    connection.end()
    wait_until(lambda: has_ended(pid))


def test_a_server_that_is_stopped_while_it_starts_is_off_and_can_be_started(connect: Connect, tmp_path: Path):
    peer = Peer(tmp_path / "peer", told("echo"))
    ready = tmp_path / "ready"
    script = f"import os, runpy, time\nwhile not os.path.exists({str(ready)!r}): time.sleep(0.01)\n" + (
        f"runpy.run_path({peer.row['args'][0]!r}, run_name='__main__')"
    )
    connection = connect(row=peer.row | {"args": ["-c", script]})
    started: list[str] = []

    def start() -> None:
        with pytest.raises(ToolFailed) as caught:
            connection.start()
        started.append(caught.value.message)

    thread = Thread(target=start)
    thread.start()
    wait_until(lambda: any("Starting" in line for line in connection.log))
    connection.end()
    thread.join(PATIENCE_S)
    assert started == ["“mine” was stopped."] and connection.state == OFF
    ready.touch()
    connection.start()
    assert connection.state == ON and call(connection, "echo", a=1) == '{"a": 1}'
