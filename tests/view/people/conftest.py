"""The page You as AppTest opens it, people who sign in, and something of theirs to find or to miss."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from controller.people.identity import settings_of
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.chat.message_parts import Attachment, ToolStep
from model.log.facts import Fact, FactStore
from model.people.profile import Profile
from settings import ROOT, Settings
from tests.access_server import AUDIENCE, AccessServer
from tests.conftest import SECRET, place_of
from tests.places import DatabasePlace
from tests.view.conftest import TIMEOUT_S
from tests.view.shell.test_sign_in import Browser, signed_in_browser
from view.app import open_store
from view.shell.services import the_app

ANN, BOB = "ann@example.org", "bob@example.org"
PAGE = "pages/92_You.py"
DELETE, CONFIRM = "Delete everything", "delete everything"


class You:
    """The page, opened by somebody."""

    def __init__(self) -> None:
        self.app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=TIMEOUT_S).switch_page(PAGE).run()
        self.check()

    def check(self) -> None:
        """No traceback and no key may be on the page."""
        assert not self.app.exception, self.app.exception
        assert SECRET not in self.everything()

    def everything(self) -> str:
        return "\n".join(str(getattr(node, "proto", "")) for node in self.app._tree)

    def fill(self, **values: str) -> None:
        """Fill in the profile, and press Save."""
        for name, value in values.items():
            boxes = self.app.text_input if name == "name" else self.app.selectbox
            next(box for box in boxes if str(box.key).endswith(f".{name}")).set_value(value)
        self.click("Save")

    def click(self, label: str) -> None:
        next(button for button in self.app.button if button.label == label).click().run()
        self.check()

    def confirm(self, words: str) -> None:
        next(box for box in self.app.text_input if "confirm" in box.label).set_value(words).run()
        self.check()

    @property
    def link(self) -> str:
        """Return the label of the page in the sidebar."""
        return str(self.app.sidebar.get("page_link")[-1].proto.label)

    @property
    def markdown(self) -> str:
        return "\n".join(text.value for text in self.app.main.markdown)

    @property
    def time_shown(self) -> str:
        return next(caption.value for caption in self.app.caption if caption.value.startswith("A time looks"))


@pytest.fixture(params=["json", "sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Let the app keep conversations in a file or a database, one kind after the other."""
    with closing(place_of(request, tmp_path)) as place:
        for name, value in place.environ().items():
            monkeypatch.setenv(name, value)
        if isinstance(place, DatabasePlace):
            monkeypatch.setattr("settings.ROOT", tmp_path)
        yield Settings.load()


@pytest.fixture
def access(monkeypatch: pytest.MonkeyPatch) -> Iterator[AccessServer]:
    """Let people sign in."""
    with AccessServer() as server:
        monkeypatch.setenv("SIGN_IN", "cloudflare")
        monkeypatch.setenv("CF_ACCESS_TEAM", server.url)
        monkeypatch.setenv("CF_ACCESS_AUD", AUDIENCE)
        yield server


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    return signed_in_browser(monkeypatch)


def talk(word: str, sha256: str = "", made: str = "") -> Conversation:
    """Return a conversation with a file, and a picture that was made."""
    conversation = Conversation([Message("user", word), Message("assistant", f"{word}!")])
    if sha256:
        conversation.messages[0].attachments = [Attachment(sha256, "notes.txt", "text/plain", 5)]
    if made:
        row = {"sha256": made, "name": "chart.png", "media_type": "image/png"}
        conversation.messages[1].tool_steps = [ToolStep("1", "draw_chart", result="", details={"pictures": [row]})]
    return conversation


def settle(person: str, word: str) -> Path:
    """Let a person have something of everything, and return where their files are."""
    services = the_app().services_of(person)
    own, resources = services.resources.settings, services.resources
    file = resources.attachments.put("notes.txt", f"{word} notes".encode())
    made = resources.attachments.put("chart.png", f"{word} chart".encode())
    services.conversations.save_conversation(word, talk(word, file.sha256, made.sha256))
    services.conversations.search(word)
    services.account.profiles.keep(Profile(word))
    FactStore(own.beside("facts")).add(Fact(f"I like {word}."))
    for path in (
        resources.assistants_folder / "cook.md",
        own.beside("batches") / "b.jsonl",
        resources.calendar_file,
        resources.read_folder / "x",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{word} in {path.name}")
    return own.conversations_file.parent


def traces(settings: Settings, word: str) -> list[str]:
    """Return the files below a folder in which a word stands, and what a database says of it."""
    folder = settings.conversations_file.parent
    files = [path for path in (*folder.rglob("*"), *folder.parent.glob("conversations.db*")) if path.is_file()]
    found = [str(path) for path in files if word.encode() in path.read_bytes() or word in path.name]
    stores = [open_store(settings_of(person, settings), person) for person in ("", ANN, BOB)]
    return found + [store.profile() for store in stores if word in store.profile() or word in str(store.names())]


def names_of(settings: Settings, person: str) -> list[str]:
    return open_store(settings_of(person, settings), person).names()
