"""A copy of bnaGPT that a test may change, and code that runs in it as in a checkout of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from settings import ROOT

CODE = ("view", "controller", "model", "utils", "pages")


def copied(root: Path, *more: str) -> Path:
    """Copy the code, and more folders where they are named, without what a person has put there."""
    for name in (*CODE, *more):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "own"))
    for name in ("Home.py", "settings.py"):
        shutil.copy(ROOT / name, root / name)
    return root


def run_in(copy: Path, code: str, **variables: str) -> None:
    """Run code in a copy, with conversations of its own.

    Raises: AssertionError when it fails.
    """
    environ = os.environ | {
        "AUTO_TITLES": "none",
        "CONVERSATIONS_FILE": str(copy.with_name("conversations.json")),
        "PYTHONPATH": os.pathsep.join([str(copy), str(ROOT)]),
    }
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=copy, env=environ | variables, capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, run.stdout + run.stderr
