"""A worker has nothing of its parent, and never outlives it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from settings import ROOT
from tests.waiting import PATIENCE_S, wait_until
from utils.sandbox.process import WorkerProcess
from utils.sandbox.sandbox import Limits, Sandbox

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at processes by way of /proc")


def children_of(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def wait_until_gone(pids: list[int], folder: Path) -> None:
    wait_until(lambda: not any(is_running(pid) for pid in pids) and not folder.exists())


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


def ticks_of(pids: list[int]) -> int:
    """Return the processor time that processes have used, in ticks of a hundredth of a second."""
    rows = [Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split() for pid in pids]
    return sum(int(row[11]) + int(row[12]) for row in rows)


def started(limits: Limits) -> WorkerProcess:
    worker = WorkerProcess("monty", limits)
    worker.answers.get(timeout=PATIENCE_S)
    return worker


def test_it_has_none_of_our_variables(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOST_VARIABLE", "secret")
    worker = started(Limits())
    pids = [worker.pid, *children_of(worker.pid)]
    assert len(pids) == 2
    for pid in pids:
        assert b"secret" not in Path(f"/proc/{pid}/environ").read_bytes()
    worker.kill()


def test_a_kill_ends_it_with_what_it_started_and_removes_its_folder():
    worker = started(Limits())
    pids = [worker.pid, *children_of(worker.pid)]
    used_ticks = ticks_of(pids)
    worker.send({"code": "while True: pass", "free_bytes": 1000})
    wait_until(lambda: ticks_of(pids) > used_ticks + 1)  # it is running
    worker.kill()
    wait_until_gone(pids, worker.folder)


def test_a_worker_that_nobody_refers_to_any_more_is_ended():
    worker = started(Limits())
    pids, folder = [worker.pid, *children_of(worker.pid)], worker.folder
    del worker
    wait_until_gone(pids, folder)


def test_an_idle_worker_ends_itself_and_the_next_run_has_a_new_one():
    worker = started(Limits(idle_s=0.2))
    pids = [worker.pid, *children_of(worker.pid)]
    wait_until_gone(pids, worker.folder)
    worker.kill()
    sandbox = Sandbox("monty", Limits(idle_s=0.2))
    assert [sandbox.run("1 + 1").value_text for _ in range(2)] == ["2", "2"]
    sandbox.end()


def test_it_ends_when_its_parent_is_killed_in_the_middle_of_a_run():
    code = (
        "import sys, time\nfrom utils.sandbox.process import WorkerProcess\nfrom utils.sandbox.report import Limits\n"
        "w = WorkerProcess('monty', Limits(timeout_s=600))\nw.answers.get()\n"
        "w.send({'code': 'while True: pass', 'free_bytes': 1})\n"
        "print(w.pid, w.folder, flush=True)\ntime.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid, _, folder = parent.stdout.readline().strip().partition(" ")
        pids = [int(pid), *children_of(int(pid))]
        used_ticks = ticks_of(pids)
        wait_until(lambda: ticks_of(pids) > used_ticks + 1)
        parent.kill()
    assert len(pids) == 2
    wait_until_gone(pids, Path(folder))


def test_it_is_limited_before_it_runs_anything():
    worker = started(Limits(folder_bytes=1 << 20))
    limits = Path(f"/proc/{worker.pid}/limits").read_text()
    assert f"Max file size             {1 << 20}" in limits
    assert "Max core file size        0" in limits
    [child] = children_of(worker.pid)
    assert f"Max address space         {(512 << 20) + (2 << 30)}" in Path(f"/proc/{child}/limits").read_text()
    assert os.getpgid(child) == worker.pid
    worker.kill()
