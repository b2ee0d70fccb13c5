"""Another answer from another model: which can be picked, who is asked, and what stands beside each version."""

from streamlit.testing.v1.element_tree import Selectbox

from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen

ANOTHER = "Regenerate with another model"


def choice(screen: Screen) -> Selectbox[str]:
    [box] = [box for box in screen.app.main.selectbox if box.label == "Which model shall answer?"]
    return box


def is_open(screen: Screen) -> bool:
    return any(box.label == "Which model shall answer?" for box in screen.app.main.selectbox)


def test_the_model_that_is_picked_answers_and_both_answers_stay(screen: Screen, server: ScriptedServer, store):
    server.script(Reply("From the first"), Reply("From the other"), Reply("From the first again"))
    screen.ask("Hi")
    first = server.requests[-1].body["model"]
    screen.act(1, ANOTHER)
    titles = choice(screen).options
    assert len(titles) > 1 and not any(title.endswith(f" · {first}") for title in titles)
    other = next(title for title in titles if title.startswith("OpenAI · "))
    choice(screen).select(other)
    screen.click("Regenerate")
    assert server.requests[-1].body["model"] == other.removeprefix("OpenAI · ")
    assert screen.messages[-1] == ("assistant", "From the other") and not is_open(screen)
    assert f"2/2 · {other.removeprefix('OpenAI · ')}" in screen.captions
    screen.click("Previous version")
    assert screen.messages[-1] == ("assistant", "From the first") and f"1/2 · {first}" in screen.captions
    screen.ask("More")
    assert server.requests[-1].body["model"] == first


def test_versions_of_one_model_do_not_name_it(screen: Screen, server: ScriptedServer):
    screen.ask("Hi")
    screen.act(1, "Regenerate")
    assert "2/2" in screen.captions


def test_it_can_be_closed_and_is_closed_in_another_chat(screen: Screen):
    screen.ask("Hi")
    screen.act(1, ANOTHER)
    screen.click("Cancel")
    assert not is_open(screen)
    screen.act(1, ANOTHER)
    screen.click("New chat")
    screen.ask("Other")
    assert not is_open(screen)


def test_without_another_model_it_tells_how_to_get_one(open_page, environ: dict[str, str], monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.setenv("EMBEDDED_MODEL", "smollm2")
    monkeypatch.delenv("LLM_PROVIDER")
    monkeypatch.delenv("LLM_MODEL")
    screen = open_page("chatbot_with_memory")
    screen.ask("Say hello.")
    screen.act(1, ANOTHER)
    assert "No other model is at hand." in screen.captions and not is_open(screen)
