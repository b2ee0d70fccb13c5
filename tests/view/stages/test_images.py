"""Stage 5's page: pictures are shown, and it says what a model that can't see makes of them."""

import io
from collections.abc import Callable

import pytest

from controller.attachments.intake import take_in
from controller.llm.discovery import build_providers
from controller.stages import stage
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.chat.message_parts import Attachment
from model.errors import InputError
from model.store.json_store import JsonStore
from settings import Settings
from tests import drawn
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen
from utils.reading.block import Notice
from view.app import build_resources
from view.shell.services import the_app
from view.shell.session import ChatState
from view.stages.images import PictureAsker


def upload(name: str, data: bytes) -> io.BytesIO:
    """Return what Streamlit hands over, as far as it is looked at."""
    file = io.BytesIO(data)
    file.name, file.size = name, len(data)  # type: ignore[attr-defined]
    return file


def saved(store: JsonStore, environ: dict[str, str], **changes: object) -> Conversation:
    """Save a conversation whose question has a picture."""
    resources = build_resources(build_providers(Settings.from_env(environ)))
    (file,) = take_in(resources.attachments, "cat.png", drawn.words("Cat"))
    assert isinstance(file, Attachment)
    messages = [Message("user", "Here it is.", attachments=[file]), Message("assistant", "Thanks.")]
    conversation = Conversation.of_all(messages)
    store.save("With a picture", conversation)
    return conversation


def pictures(screen: Screen) -> list[str]:
    """Return the captions of all pictures on the page."""
    return [picture.caption for element in screen.app.get("image") for picture in element.proto.imgs]


@pytest.mark.parametrize("slug", ["images", "chatbot_with_memory", "documents"])
def test_a_picture_is_shown_on_every_page(
    open_page: Callable[..., Screen], store: JsonStore, environ: dict[str, str], slug: str
):
    screen = open_page(slug, saved(store, environ).id)
    assert pictures(screen) == ["cat.png"] and not screen.errors


def test_a_picture_that_is_gone_is_told(open_page: Callable[..., Screen], store: JsonStore, environ: dict[str, str]):
    conversation = saved(store, environ)
    build_resources(build_providers(Settings.from_env(environ))).attachments.remove(
        conversation.messages[0].attachments[0].sha256
    )
    screen = open_page("images", conversation.id)
    assert pictures(screen) == [] and any("cat.png is no longer there." in text for text in screen.captions)


def test_it_says_that_a_model_cannot_see_until_a_person_says_that_it_can(
    open_page: Callable[..., Screen], store: JsonStore, environ: dict[str, str], server: ScriptedServer
):
    screen = open_page("images", saved(store, environ).id)
    blind = "scripted can't see pictures. It gets only the text that is found in them."
    assert any(blind in text for text in screen.captions)
    (toggle,) = [each for each in screen.app.toggle if each.label == "scripted can see pictures"]
    toggle.set_value(True).run()
    assert not any(blind in text for text in screen.captions)
    screen.ask("What is it?")
    assert server.requests[-1].body["messages"][0]["content"][1]["type"] == "image_url"


def test_where_another_model_looks_the_page_says_who_and_shows_what_it_saw(
    open_page: Callable[..., Screen],
    store: JsonStore,
    environ: dict[str, str],
    server: ScriptedServer,
    monkeypatch: pytest.MonkeyPatch,
):
    with ScriptedServer() as seeing:
        seeing.script(Reply("The word Cat, in black."))
        eyes = {"VISION_PROVIDER": "custom", "VISION_MODEL": "eyes", "CUSTOM_BASE_URL": seeing.base_url}
        for name, value in eyes.items():
            monkeypatch.setenv(name, value)
        call = Reply(tool_calls=[("look_at_picture", '{"name": "cat.png", "question": "What is written there?"}')])
        server.script(call, Reply("It says Cat."))
        screen = open_page("images", saved(store, environ).id)
        assert any("scripted can't see pictures. eyes looks at them for it." in text for text in screen.captions)
        screen.ask("What is written there?")
        assert "It says Cat." in screen.everything() and "Who looked: Custom server, eyes" in screen.everything()
        assert "The word Cat, in black." in str(server.requests[-1].body["messages"]) and len(seeing.requests) == 1


def test_a_table_is_taken_along_and_an_archive_is_told():
    the_app.clear()
    asker = PictureAsker(stage("images"), ChatState())
    asker.attach([upload("towns.csv", b"Name;Town\nBob;Rome\n")])  # type: ignore[list-item]
    assert [file.name for file in asker.state.attachments] == ["towns.csv"]
    with pytest.raises(InputError, match="“a.zip” is a compressed file, not a document"):
        asker.attach([upload("a.zip", b"\x1f\x8b")])  # type: ignore[list-item]


def test_the_box_refuses_no_file_by_its_name(open_page: Callable[..., Screen]):
    (box,) = [element.proto for element in open_page("images").app.get("chat_input")]
    assert list(box.file_type) == [] and box.accept_file


def test_good_pictures_wait_where_others_are_bad():
    the_app.clear()
    asker = PictureAsker(stage("images"), ChatState())
    files = [upload("a.png", drawn.words("a")), upload("b.png", b"text"), upload("c.jpg", drawn.photo((90, 90)))]
    with pytest.raises(InputError, match="“b.png” is not a picture") as caught:
        asker.attach(files)  # type: ignore[arg-type]
    assert caught.value.hint
    assert [file.name for file in asker.state.attachments] == ["a.png", "c.jpg"]


def test_what_is_to_be_told_of_each_of_several_files_is_told(monkeypatch: pytest.MonkeyPatch):
    the_app.clear()

    def take(_store: object, name: str, *_: object) -> list[Notice]:
        return [Notice(f"{name} has more pictures than are taken.")]

    monkeypatch.setattr("view.stages.images.take_in", take)
    asker = PictureAsker(stage("images"), ChatState())
    asker.attach([upload("a.pdf", b"x"), upload("b.pdf", b"x")])  # type: ignore[list-item]
    assert asker.state.notice == "a.pdf has more pictures than are taken. b.pdf has more pictures than are taken."
