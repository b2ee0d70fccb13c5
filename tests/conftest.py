"""Fixtures for all tests: a scripted server, settings that point at it, and conversations in a folder of their own."""

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.providers import Providers
from settings import VARIABLES, Settings
from tests.scripted_server import ScriptedServer

SMALLEST = {"EMBEDDED_MODEL": "smollm2"}
SECRET = "sk-very-secret-key-0123456789"


def pytest_configure(config: pytest.Config) -> None:
    """Give each test one more try on a build server, whose cores may be busy elsewhere.

    Many claims are about seconds. `.ci/run` lists those that needed the second try, so that somebody looks.
    """
    if os.environ.get("CI") == "true":
        config.option.reruns = 1


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let no key, no `.env` and no conversation of this machine reach a test."""
    for variable in VARIABLES:
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
    return Providers(Settings.from_env(environ))
