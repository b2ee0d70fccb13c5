"""The model picker lists the files on this computer, and starts the one that is picked."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from model.providers import embedded
from model.providers.embedded import SMALLEST
from tests.gguf_files import write_gguf
from tests.view.conftest import Screen
from tests.view.shell.test_model_picker import picker
from tests.waiting import wait_until

WEIGHTS = SMALLEST.path
pytestmark = pytest.mark.skipif(not SMALLEST.is_here, reason="the smallest model is not installed; `make install`")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder of models with the smallest one, the same once more, one that is damaged, and a large one."""
    monkeypatch.setattr(embedded, "FOLDER", tmp_path / "models")
    for path in (SMALLEST.path, tmp_path / "models/second.gguf"):
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(WEIGHTS, path)
    (tmp_path / "models/broken.gguf").write_bytes(bytes(100))
    write_gguf(tmp_path / "models/large.gguf")
    monkeypatch.setenv("LLM_PROVIDER", "embedded")
    monkeypatch.setenv("LLM_MODEL", "")
    monkeypatch.setenv("OPENAI_API_KEY", "")
    yield tmp_path / "models"
    shutil.rmtree(tmp_path / "models")  # pytest keeps the folders of some runs


@pytest.mark.usefixtures("folder")
def test_it_lists_them_and_a_damaged_one_is_told_by_name(open_page):
    screen = open_page("chatbot_with_memory")
    assert picker(screen).options == [SMALLEST.title, "large", "second"]
    assert "“broken.gguf” can't be used: it is no GGUF file." in [warning.value for warning in screen.app.warning]


@pytest.mark.usefixtures("folder")
def test_the_picked_one_is_started_with_its_memory_told(open_page):
    screen: Screen = open_page("chatbot_with_memory")
    picker(screen).set_value("second").run()
    assert any("of memory" in caption for caption in screen.captions)
    wait_until(lambda: screen.app.run() and any("Ready; it takes about" in one for one in screen.captions))
    assert any("second is a small model on this computer" in one for one in screen.captions)


@pytest.mark.usefixtures("folder")
def test_of_a_larger_one_nothing_is_said_but_its_memory(open_page):
    screen: Screen = open_page("chatbot_with_memory")
    picker(screen).set_value("large").run()
    assert not any("small model" in caption for caption in screen.captions)
