"""Files on their way to the next question: kept at once, and refused where they are too many."""

import io

import pytest

from controller.stages import stage
from model.errors import FileTooLarge
from view.chat import actions
from view.chat.actions import ChatActions
from view.shell.services import services, the_app
from view.shell.session import ChatState


def upload(name: str, data: bytes) -> io.BytesIO:
    """Return what Streamlit hands over, as far as it is looked at."""
    file = io.BytesIO(data)
    file.name, file.size = name, len(data)  # type: ignore[attr-defined]
    return file


@pytest.fixture
def asker() -> ChatActions:
    the_app.clear()
    return ChatActions(stage("documents"), ChatState())


def test_files_are_kept_at_once_and_wait_for_the_question(asker: ChatActions):
    asker.attach([upload("a.txt", b"one"), upload("../b.txt", b"two")])  # type: ignore[list-item]
    assert [file.name for file in asker.state.attachments] == ["a.txt", "b.txt"]
    path = services().resources.attachments.path(asker.state.attachments[0].sha256)
    assert path.read_bytes() == b"one"


def test_more_than_a_conversation_holds_is_refused_and_what_was_there_stays(asker: ChatActions, monkeypatch):
    monkeypatch.setattr(actions, "MOST_ATTACHED_BYTES", 10)
    asker.attach([upload("a.txt", b"12345678")])  # type: ignore[list-item]
    with pytest.raises(FileTooLarge, match="it takes up to 200"):
        asker.attach([upload("b.txt", b"123")])  # type: ignore[list-item]
    assert [file.name for file in asker.state.attachments] == ["a.txt"]
