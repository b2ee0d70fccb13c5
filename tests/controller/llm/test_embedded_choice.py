"""Which of the models that come with bnaGPT answers: the best that is here, or the one that the settings name."""

from pathlib import Path

import pytest

from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from model.providers import embedded
from model.providers.embedded import EMBEDDED_MODELS
from settings import Settings

BEST, SMALL = EMBEDDED_MODELS[0], EMBEDDED_MODELS[-1]


def built(**environ: str) -> Providers:
    return build_providers(Settings.from_env(environ))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder in which both models lie."""
    monkeypatch.setattr(embedded, "FOLDER", tmp_path)
    for model in EMBEDDED_MODELS:
        model.path.parent.mkdir(exist_ok=True)
        with model.path.open("wb") as file:
            file.truncate(model.size_bytes)  # which takes no room
    return tmp_path


def test_the_best_one_that_is_here_answers():
    assert built().default.default_model == BEST.title
    BEST.path.unlink()
    assert built().default.default_model == SMALL.title


def test_the_settings_may_name_the_smallest():
    row = built(EMBEDDED_MODEL="SmolLM2").default
    assert row.default_model == SMALL.title and row.context_window == SMALL.context_window and row.is_small


@pytest.mark.parametrize(("wanted", "told"), [("qwen", "make install"), ("gpt", "must be one of qwen, smollm2")])
def test_one_that_is_not_here_is_told_and_another_stands_in(wanted: str, told: str):
    BEST.path.unlink()
    providers = built(EMBEDDED_MODEL=wanted)
    assert told in providers.problems[0] and providers.default.default_model == SMALL.title


def test_a_window_is_never_wider_than_the_model_can_read():
    assert built(LLM_CONTEXT_WINDOW="999999").default.context_window == BEST.most_context
    assert built(LLM_CONTEXT_WINDOW="2048").default.context_window == 2048


def test_a_file_of_ones_own_needs_no_help_and_no_instructions(tmp_path: Path):
    row = built(LOCAL_MODEL_PATH=str(tmp_path / "own.gguf")).default
    assert (row.default_model, row.is_small, row.primer) == ("own", False, ())


def test_no_page_waits_for_the_model_to_start():
    providers = built()  # whose file can't be loaded
    assert list(providers.models(providers.default).context_windows) == [BEST.title, SMALL.title]


@pytest.mark.parametrize("model", EMBEDDED_MODELS, ids=lambda model: model.name)
def test_what_stands_before_a_conversation_names_nobody_and_is_short(model: embedded.EmbeddedModel):
    """What stands there leaks into answers, and is read before each first word."""
    words = " ".join(content for _, content in model.primer).split()
    assert len(words) < 40 and not {"Bob", "Alice"} & set(words)
