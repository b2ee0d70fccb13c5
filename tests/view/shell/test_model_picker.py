"""The model picker: what the provider lists, what is typed in, and who of several answers."""

import time

import pytest

from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen


def picker(screen: Screen, label: str = "Model"):
    """Return the choice with this label."""
    return next(box for box in screen.app.selectbox if box.label == label)


def until_listed(screen: Screen, count: int) -> None:
    """Draw the page until the list that is asked for in the background is here."""
    deadline_at = time.monotonic() + 10
    while len(picker(screen).options) < count and time.monotonic() < deadline_at:
        screen.app.run()


def test_it_lists_the_models_of_the_provider(screen: Screen):
    until_listed(screen, 3)
    assert picker(screen).options == ["scripted", "scripted-large", "scripted-small"]
    assert picker(screen).value == "scripted"


def test_the_question_goes_to_the_picked_model(screen: Screen, server: ScriptedServer):
    until_listed(screen, 3)
    picker(screen).set_value("scripted-large").run()
    screen.ask("Hi")
    assert server.requests[-1].body["model"] == "scripted-large"


def test_the_pick_holds_on_the_other_pages(screen: Screen, server: ScriptedServer):
    until_listed(screen, 3)
    picker(screen).set_value("scripted-large").run()
    screen.app.switch_page("pages/1_Simple_Chatbot.py").run()
    assert picker(screen).value == "scripted-large"
    screen.ask("Hi")
    assert server.requests[-1].body["model"] == "scripted-large"


def test_refresh_asks_again_and_keeps_the_pick(screen: Screen, server: ScriptedServer):
    until_listed(screen, 3)
    picker(screen).set_value("scripted-small").run()
    server.models.append("brand-new")
    screen.click("Refresh models")
    assert "brand-new" in picker(screen).options
    assert picker(screen).value == "scripted-small"


def test_a_list_that_fails_is_told_and_the_page_stays_usable(open_page, server: ScriptedServer):
    server.models_status = 500
    screen = open_page("chatbot_with_memory")
    screen.click("Refresh models")
    assert any("did not list its models" in caption for caption in screen.captions)
    assert screen.errors == [] and picker(screen).value == "scripted"
    screen.ask("Hi")
    assert screen.messages[-1] == ("assistant", server.default_reply.text)
    server.models_status = 200
    screen.click("Refresh models")
    assert len(picker(screen).options) == 3
    assert not any("did not list its models" in caption for caption in screen.captions)


def test_a_model_that_is_not_listed_can_be_typed_in(screen: Screen):
    assert picker(screen).proto.accept_new_options


def test_without_a_list_and_without_a_default_a_first_model_is_found_at_the_question(
    open_page, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LLM_PROVIDER", "custom")
    monkeypatch.setenv("LLM_MODEL", "")
    monkeypatch.setenv("CUSTOM_BASE_URL", server.base_url)
    screen = open_page("chatbot_with_memory")
    screen.ask("Hi")
    assert server.requests[-1].body["model"] == "scripted-large"


@pytest.fixture
def two_keys(open_page, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch):
    """Return a page where OpenAI and Groq have a key, and Groq's server."""
    with ScriptedServer(default_reply=Reply("Groq here")) as groq:
        groq.models[:] = ["llama-of-groq"]
        monkeypatch.setenv("GROQ_API_KEY", "gsk-another-secret")
        monkeypatch.setenv("GROQ_BASE_URL", groq.root_url)
        yield open_page("chatbot_with_memory"), groq


def test_with_several_keys_there_is_a_choice_of_provider(two_keys):
    screen, _ = two_keys
    assert {"OpenAI", "Groq", "Embedded"} <= set(picker(screen, "Provider").options)


@pytest.mark.parametrize("slug", ["simple_chatbot", "chatbot_with_memory"])
def test_the_question_goes_to_the_chosen_provider(two_keys, server: ScriptedServer, open_page, slug: str):
    _, groq = two_keys
    screen = open_page(slug)
    picker(screen, "Provider").set_value("groq").run()
    screen.ask("Hi")
    assert screen.messages[-1] == ("assistant", "Groq here")
    assert len(groq.requests) == 1 and server.requests == []
    assert "gsk-another-secret" not in screen.everything()
    picker(screen, "Provider").set_value("openai").run()
    screen.ask("Hi")
    assert len(server.requests) == 1


def test_two_tabs_choose_each_for_itself(two_keys, server: ScriptedServer, open_page):
    screen, groq = two_keys
    other = open_page("chatbot_with_memory")
    picker(screen, "Provider").set_value("groq").run()
    other.ask("Hi")
    assert len(server.requests) == 1 and groq.requests == []


def test_where_nothing_is_set_the_first_model_stands_in_the_box_once_it_is_known(
    open_page, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LLM_PROVIDER", "custom")
    monkeypatch.setenv("LLM_MODEL", "")
    monkeypatch.setenv("CUSTOM_BASE_URL", server.base_url)
    screen = open_page("chatbot_with_memory")
    screen.click("Refresh models")
    assert picker(screen).value == picker(screen).options[0] == "scripted-large"
    screen.ask("Hi")
    assert server.requests[-1].body["model"] == "scripted-large"


def test_a_model_that_is_picked_elsewhere_stands_in_the_box(screen: Screen):
    until_listed(screen, 3)
    picker(screen).set_value("scripted-large").run()
    screen.app.session_state["bna.model"].model_names["openai"] = "scripted-small"
    screen.app.run()
    assert picker(screen).value == "scripted-small"
