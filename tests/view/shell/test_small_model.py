"""How good the model is stands where its answers are, with the ways to a better one."""

import pytest

from controller.stages import STAGES
from tests.scripted_server import Reply, ScriptedServer

NOTE = "is a small model on this computer. It is often wrong."


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the embedded model be picked."""
    monkeypatch.setenv("LLM_PROVIDER", "embedded")
    monkeypatch.setenv("LLM_MODEL", "")
    monkeypatch.setenv("OPENAI_API_KEY", "")


@pytest.mark.usefixtures("embedded")
@pytest.mark.parametrize("slug", [stage.slug for stage in STAGES])
def test_every_page_says_it_and_names_the_ways_to_a_better_one(open_page, slug: str):
    page = open_page(slug).app
    assert [caption.value for caption in page.main.caption if NOTE in caption.value] == [
        f"SmolLM2-135M-Instruct {NOTE}"
    ]
    assert "**Get a stronger model**" in [link.label for link in page.main.get("page_link")]
    told = "\n".join(part.value for part in [*page.main.markdown, *page.main.code])
    assert all(way in told for way in (".env", "Ollama", "LOCAL_MODEL_PATH="))
    links = [link.proto for link in page.main.get("page_link")]
    assert ("Add a key in Settings", "Settings") in [(link.label, link.page) for link in links]


@pytest.mark.usefixtures("embedded")
def test_it_stays_where_the_answers_are(open_page):
    page = open_page("chatbot_with_memory")
    page.ask("What is 17 times 23?")
    assert page.messages[-1] == ("assistant", "17 times 23 = **391**")
    assert any(NOTE in caption.value for caption in page.app.main.caption)


def test_other_models_are_not_spoken_of(open_page, server: ScriptedServer):
    server.script(Reply("Hello"))
    page = open_page("chatbot_with_memory")
    page.ask("Hi")
    assert not any(NOTE in caption.value for caption in page.app.main.caption)
