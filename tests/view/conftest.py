"""Fixtures for the page tests: a page as Streamlit's AppTest runs it, against the scripted server."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Button, ChatMessage

from controller.stages import stage
from model.store.json_store import JsonStore
from settings import ROOT
from tests.access_server import AccessServer
from tests.api_server import ApiServer
from tests.conftest import SECRET
from tests.scripted_server import ScriptedServer
from tests.waiting import PATIENCE_S
from view.pages import provide_parts

provide_parts()  # some tests draw a part without its page

TIMEOUT_S = PATIENCE_S


class Screen:
    """One tab of bnaGPT: what is on the page, and what a person does there."""

    def __init__(self, slug: str = "", conversation: str = "", assistant: str = "") -> None:
        """Open a stage's page, or Home without one; the others are ids that the address names."""
        self.app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=TIMEOUT_S)
        self.app.session_state["bna.drawn"] = True  # no browser has to draw it
        if conversation:
            self.app.query_params["conversation"] = conversation
        if assistant:
            self.app.query_params["assistant"] = assistant
        if slug:
            self.app.switch_page(stage(slug).page)
        self.app.run()

    def ask(self, prompt: str) -> None:
        """Send a question, and wait until it is answered or has failed."""
        self.app.chat_input[0].set_value(prompt).run()

    def click(self, label: str, within: Block | None = None) -> None:
        """Press the button with this label."""
        self.button(label, within).click().run()

    def button(self, label: str, within: Block | None = None) -> Button:
        """Return the only button with this label."""
        buttons: list[Button] = [each for each in (within or self.app).button if each.label == label]
        assert len(buttons) == 1, f"{len(buttons)} buttons “{label}” on the page"
        return buttons[0]

    @property
    def buttons(self) -> list[str]:
        """Return the labels of all buttons that can be pressed."""
        return [button.label for button in self.app.button if not button.disabled]

    @property
    def suggestions(self) -> list[str]:
        """Return the questions that an empty chat suggests."""
        return [button.label for button in self.app.main.button if ".suggestion." in (button.key or "")]

    @property
    def messages(self) -> list[tuple[str, str]]:
        """Return whose each message is, and its Markdown."""
        return [(box.name, "\n\n".join(part.value for part in box.markdown)) for box in self.app.chat_message]

    @property
    def answer(self) -> ChatMessage:
        """Return the newest message's box."""
        return self.app.chat_message[-1]

    @property
    def errors(self) -> list[str]:
        """Return what is shown as an error."""
        return [error.value for error in self.app.error]

    @property
    def warnings(self) -> list[str]:
        """Return what is shown as a warning."""
        return [warning.value for warning in self.app.warning]

    @property
    def captions(self) -> list[str]:
        """Return all small print."""
        return [caption.value for caption in self.app.caption]

    @property
    def subheaders(self) -> list[str]:
        """Return the headings in the sidebar's lists."""
        return [heading.value for heading in (*self.app.header, *self.app.subheader)]

    @property
    def address(self) -> str:
        """Return the id of the conversation that the address names."""
        return str(self.app.query_params.get("conversation", ""))

    @property
    def lists(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the lists of conversations that the browser draws: the id of each, and its data."""
        protos = [node.proto for node in self.app._tree if node.type == "bidi_component"]
        lists = [proto for proto in protos if proto.component_name == "bna_conversations"]
        return [(proto.id, json.loads(proto.json)[0]) for proto in lists]

    @property
    def entries(self) -> dict[str, str]:
        """Return the listed conversations: each name, and its id."""
        return {row["name"]: row["id"] for _, data in self.lists for row in data["rows"]}

    def load(self, name: str) -> None:
        """Open the conversation with this name."""
        self.pick(name, "open")

    def pick(self, listed: str, option: str, **more: str) -> None:
        """Pick something in the menu of the conversation with this name."""
        self.send({"do": option, "id": self.entries[listed], **more})

    def list_more(self) -> None:
        """List more conversations."""
        self.send({"do": "more"})

    def send(self, picked: dict[str, str]) -> None:
        """Do what the list in the browser does when something is picked in it."""
        states = self.app._tree.get_widget_states()
        key = f"$$STREAMLIT_INTERNAL_KEY_{self.lists[0][0]}__events"
        states.widgets.add(id=key, json_trigger_value=json.dumps([{"event": "picked", "value": picked}]))
        self.app._run(states)

    @property
    def dialogs(self) -> list[str]:
        """Return the titles of the boxes that are open over the page."""
        return [block.proto.dialog.title for block in self.app.get("dialog")]

    def dismiss(self) -> None:
        """Close the open box as a click beside it does."""
        [box] = [block for block in self.app.get("dialog") if block.proto.dialog.id]
        states = self.app._tree.get_widget_states()
        states.widgets.add(id=box.proto.dialog.id, trigger_value=True)
        self.app._run(states)

    def act(self, number: int, option: str) -> None:
        """Pick something in the menu of a message."""
        menus = [menu for menu in self.app.menu_button if ".menu." in (menu.key or "")]
        menus[number].click(option).run()

    def save_as(self, name: str) -> None:
        """Press Save, or Save as…, type a name, and confirm."""
        self.click("Save" if "Save" in self.buttons else "Save as…")
        self.name_box(name)

    def name_box(self, name: str) -> None:
        """Type a name into the open box, and confirm."""
        box = next(each for each in self.app.text_input if each.label == "Enter a name to save the conversation:")
        box.set_value(name)
        self.click("Confirm Save")

    def everything(self) -> str:
        """Return all that was sent to the browser, as text; a bug's traceback fails the test here."""
        assert not self.app.exception
        return "\n".join(str(getattr(node, "proto", "")) for node in self.app._tree)


@pytest.fixture(autouse=True)
def fresh_app(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the app start anew in each test, with the scripted server as its only provider."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture
def open_page() -> Iterator[Callable[..., Screen]]:
    """Return what opens a page in a tab of its own; at the end no tab may show a bug or a key."""
    screens: list[Screen] = []

    def open_it(slug: str = "", conversation: str = "", assistant: str = "") -> Screen:
        screens.append(Screen(slug, conversation, assistant))
        return screens[-1]

    yield open_it
    for screen in screens:
        assert SECRET not in screen.everything()


@pytest.fixture
def screen(open_page: Callable[..., Screen]) -> Screen:
    """Return stage 2's page, the chat with memory."""
    return open_page("chatbot_with_memory")


@pytest.fixture
def store(tmp_path: Path) -> JsonStore:
    """Return the saved conversations on disk."""
    return JsonStore(tmp_path / "conversations.json")


def wire(server: ScriptedServer, number: int = -1) -> list[tuple[str, str]]:
    """Return role and content of what a request carried; the newest one's without a number."""
    return [(message["role"], message["content"]) for message in server.requests[number].body["messages"]]


@pytest.fixture
def access(monkeypatch: pytest.MonkeyPatch) -> Iterator[AccessServer]:
    """Return an identity provider in front of bnaGPT, where who comes must have signed in."""
    with AccessServer() as server:
        for name, value in server.variables.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def api() -> Iterator[ApiServer]:
    """Return the HTTP API, against the scripted server."""
    server = ApiServer()
    yield server
    server.close()


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return what each download button has been given, by its label."""
    given: dict[str, Any] = {}

    def button(label: str, data: Any, file_name: str, mime: str, **more: Any) -> bool:
        given[label] = SimpleNamespace(make=data, file_name=file_name)
        return False

    monkeypatch.setattr(st, "download_button", button)
    return given
