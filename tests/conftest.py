"""Fixtures for all tests: a scripted server, settings that point at it, and conversations in a folder of their own."""

import ctypes
import errno
import gc
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from controller.llm.discovery import build_providers, local_models
from controller.llm.providers import Providers
from controller.small_models import encoders
from controller.stages.voice import local
from model.providers.provider import provider_variables
from settings import VARIABLES, Settings
from tests.places import DatabasePlace, FilePlace, Place, Postgres
from tests.scripted_server import ScriptedServer
from utils.files import atomic
from utils.local_models.server import LocalServer
from utils.local_models.transcriber import Transcriber
from utils.local_models.voice import LocalVoice
from utils.reading import ocr
from utils.retrieval.embeddings import Encoder

SMALLEST = {"EMBEDDED_MODEL": "smollm2"}
SECRET = "sk-very-secret-key-0123456789"


def pytest_configure(config: pytest.Config) -> None:
    """Give each test one more try on a build server, whose cores may be busy elsewhere.

    `.ci/run` lists those that needed the second try, so that somebody looks.
    """
    hypothesis.settings.register_profile("untimed", deadline=None)  # how long an example takes is the machine's affair
    hypothesis.settings.load_profile("untimed")
    if os.environ.get("CI") == "true":
        config.option.reruns = 1


servers: dict[tuple[Any, ...], LocalServer] = {}


def shared_server(*arguments: Any) -> LocalServer:
    """Return the one server of this process for a model."""
    return servers.setdefault(arguments, LocalServer(*arguments))


@pytest.fixture(scope="session", autouse=True)
def shared_weights() -> Iterator[None]:
    """Load each model once in a process: servers of the same model and encoders hold nothing of a test's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_models, "LocalServer", shared_server)
        patch.setattr(encoders, "Encoder", cache(Encoder))
        patch.setattr(local, "Transcriber", cache(Transcriber))
        patch.setattr(local, "LocalVoice", cache(LocalVoice))
        yield


@pytest.fixture(scope="module", autouse=True)
def memory_given_back() -> Iterator[None]:
    """Give the memory of a file's tests back to the system; a process of tests goes through hundreds of files."""
    yield
    for name in ("Transcriber", "LocalVoice"):  # 300 MB, which only a few files need
        getattr(local, name).cache_clear()
    ocr._engine.cache_clear()
    for arguments, server in list(servers.items()):
        if "smollm2" not in str(server.model_path):  # others take 700 MB, and hardly a test asks for one
            del servers[arguments]
    gc.collect()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # not every Linux has this library
            ctypes.CDLL(None).malloc_trim(0)


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let no key, no `.env` and no conversation of this machine reach a test."""
    for variable in (*VARIABLES, *provider_variables()):
        monkeypatch.setenv(variable.name, "")  # set, because the environment wins over .env
    monkeypatch.setenv("EMBEDDED_MODEL", "smollm2")  # the quickest; others need not be here
    monkeypatch.setenv("CONVERSATIONS_FILE", str(tmp_path / "conversations.json"))
    logging.captureWarnings(True)


@pytest.fixture(autouse=True)
def own_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put back what Streamlit puts in the place of `__main__`: processes that are started later would run that page."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """Return a server that answers what the test scripts."""
    with ScriptedServer() as scripted:
        yield scripted


@pytest.fixture
def environ(server: ScriptedServer, tmp_path: Path) -> dict[str, str]:
    """Return variables that make the scripted server the only provider."""
    return {
        "LLM_PROVIDER": "openai",
        "LLM_MODEL": "scripted",
        "OPENAI_API_KEY": SECRET,
        "OPENAI_BASE_URL": server.base_url,
        "LLM_TIMEOUT_S": "5",
        "CONVERSATIONS_FILE": str(tmp_path / "conversations.json"),
    }


@pytest.fixture
def providers(environ: dict[str, str]) -> Providers:
    """Return what the settings make of these variables."""
    return build_providers(Settings.from_env(environ))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Yield a folder with room for 1 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.name != "posix" or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a disk can only be mounted by root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Return a PostgreSQL server, the same one for all tests of a process."""
    with closing(Postgres()) as server:
        yield server


@pytest.fixture(params=["json", "sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Return where conversations are kept, one kind after the other."""
    with closing(place_of(request, tmp_path)) as kept:
        yield kept


def place_of(request: pytest.FixtureRequest, folder: Path) -> Place:
    """Return an empty place of the kind that a test is run for."""
    match request.param:
        case "json":
            return FilePlace(folder)
        case "sqlite":
            return DatabasePlace(f"sqlite:///{folder / 'conversations.db'}")
    return DatabasePlace(request.getfixturevalue("postgres").new_database())


class Disk:
    """A disk that can be full."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_full = False
        self.is_full_when: Callable[[], bool] = lambda: False
        for name in ("write_whole", "append_whole"):
            monkeypatch.setattr(f"utils.files.atomic.{name}", self._checked(getattr(atomic, name)))

    def _checked(self, write: Callable[..., Any]) -> Callable[..., Any]:
        def checked(*arguments: Any) -> Any:
            if self.is_full or self.is_full_when():
                raise OSError(errno.ENOSPC, "No space left on device")
            return write(*arguments)

        return checked


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """Return the disk, which can be filled and emptied."""
    return Disk(monkeypatch)
