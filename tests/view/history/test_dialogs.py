"""The boxes over a page: they stay with what was typed there, until the person closes them or is done."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1.element_tree import TextArea

from model.store.json_store import JsonStore
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen


def instructions(screen: Screen) -> TextArea:
    return next(area for area in screen.app.text_area if area.label == "Custom instructions")


def open_request(screen: Screen) -> None:
    screen.act(1, "Show request")


OPENED: dict[str, tuple[str, Callable[[Screen], None]]] = {
    "Chat settings": ("chatbot_with_memory", lambda screen: screen.click("Chat settings")),
    "Export": ("chatbot_with_memory", lambda screen: screen.pick("Hi", "Export")),
    "Request": ("chatbot_with_memory", open_request),
    "Gallery": ("image_generation", lambda screen: screen.click("Gallery")),
    "Gallery of all": ("all_together", lambda screen: screen.click("Gallery")),
}


@pytest.mark.parametrize(("title", "slug", "opens"), [(title, *rest) for title, rest in OPENED.items()])
def test_a_box_is_open_until_the_person_closes_it(
    open_page: Callable[..., Screen], title: str, slug: str, opens: Callable[[Screen], None]
):
    screen = open_page(slug)
    screen.ask("Hi")
    opens(screen)
    for _ in range(2):
        screen.app.run()  # as at the end of an answer
        assert screen.dialogs == [title.removesuffix(" of all")]
    screen.dismiss()
    assert screen.dialogs == []
    screen.app.run()
    assert screen.dialogs == []


def test_what_was_typed_into_the_settings_outlasts_a_drawing_of_the_page(screen: Screen, server: ScriptedServer):
    server.script(Reply("Yes"), Reply("Arr"))
    screen.ask("Hi")
    screen.click("Chat settings")
    box_id = instructions(screen).proto.id
    screen.app.run()
    assert instructions(screen).proto.id == box_id  # by which the browser knows what was typed there
    instructions(screen).set_value("Speak like a pirate")
    screen.click("Apply")
    assert screen.dialogs == []
    screen.ask("And now?")
    assert "pirate" in str(server.requests[-1].body["messages"][0])


def test_the_export_of_what_was_deleted_meanwhile_is_told(screen: Screen, store: JsonStore):
    screen.ask("Hi")
    screen.pick("Hi", "Export")
    store.delete("Hi")
    screen.app.run()
    assert screen.dialogs == ["Export"] and len(screen.errors) == 1
    screen.dismiss()
    assert screen.dialogs == []


def test_a_conversation_that_keeps_to_a_model_keeps_to_it_when_other_settings_are_applied(
    screen: Screen, server: ScriptedServer
):
    screen.ask("Hi")
    screen.click("Chat settings")
    toggle = "Always use the current model in this chat"
    next(one for one in screen.app.toggle if one.label == toggle).set_value(True)
    screen.click("Apply")
    kept = server.requests[-1].body["model"]
    next(box for box in screen.app.selectbox if box.label == "Model").select_index(1).run()
    screen.click("Chat settings")
    instructions(screen).set_value("Be brief")
    screen.click("Apply")
    screen.ask("And now?")
    assert server.requests[-1].body["model"] == kept
