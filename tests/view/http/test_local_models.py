"""A client, and the terminal, name a file on this computer as any other model."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from model.errors import ModelNotFound
from model.providers import embedded
from model.providers.embedded import SMALLEST
from tests.api_server import ApiServer, text_of
from view.app import RunningApp
from view.terminal.session import TerminalState

WEIGHTS = SMALLEST.path
pytestmark = pytest.mark.skipif(not SMALLEST.is_here, reason="the smallest model is not installed; `make install`")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder in which the smallest model lies twice."""
    monkeypatch.setattr(embedded, "FOLDER", tmp_path / "models")
    monkeypatch.setenv("LLM_CONTEXT_WINDOW", "512")  # else a file that nobody bridles may write for minutes
    for path in (SMALLEST.path, tmp_path / "models/hub/owner/name/second.gguf"):
        path.parent.mkdir(parents=True)
        shutil.copyfile(WEIGHTS, path)
    yield tmp_path / "models"
    shutil.rmtree(tmp_path / "models")  # pytest keeps the folders of some runs


def test_a_client_sees_them_and_is_answered_by_the_one_it_names(api: ApiServer):
    rows = api.client.get("/choices").json()["providers"]
    assert next(row["models"] for row in rows if row["name"] == "embedded") == [SMALLEST.title, "second"]
    events = api.stream(message="Say hello.", provider="embedded", model="second")
    assert ("loading_model", '{"name": "second", "waits_for": ""}') in events
    assert events[-1][0] == "done" and text_of(events)


def test_one_that_is_not_here_is_told_in_a_sentence(api: ApiServer):
    answer = api.client.post("/chat", json={"message": "Hi", "provider": "embedded", "model": "gone"})
    assert answer.status_code == 404 and answer.json()["detail"] == "“gone” is not on this computer any more."


def test_the_terminal_names_one_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LLM_PROVIDER", "embedded")
    state = TerminalState(RunningApp().services_of(), "chatbot_with_memory")
    state.pick_model("second")
    providers = state.services.providers
    endpoint = providers.endpoint(state.selection.provider, state.selection.model_name)
    assert endpoint.model_name == "second" and endpoint.provider.primer == ()
    state.pick_model("gone")
    with pytest.raises(ModelNotFound):
        providers.endpoint(state.selection.provider, state.selection.model_name)
