"""Stage 4's page: documents stand in the sidebar with what is known of them, and can be removed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from controller.llm.discovery import build_providers
from controller.stages.documents.indexing import indexing_queue
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.store.json_store import JsonStore
from settings import Settings
from tests.scripted_server import Reply, ScriptedServer
from tests.utils.reading import files_to_read
from tests.view.conftest import Screen
from utils.retrieval.embeddings import FOLDER
from utils.threads.stop import CancellationToken
from view.app import build_resources
from view.shell.services import services

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the encoder's weights are not installed; `make install`")


def saved_with(store: JsonStore, environ: dict[str, str], name: str, data: bytes) -> Conversation:
    """Save a conversation whose question has a file."""
    file = build_resources(build_providers(Settings.from_env(environ))).attachments.put(name, data)
    messages = [Message("user", "Here it is.", attachments=[file]), Message("assistant", "Thanks.")]
    conversation = Conversation.of_all(messages)
    store.save("With a file", conversation)
    return conversation


def test_an_answer_tells_how_much_it_rests_on_and_which_page(
    open_page: Callable[..., Screen], store: JsonStore, environ: dict[str, str], server: ScriptedServer
):
    conversation = saved_with(store, environ, "notes.md", b"# Notes\n\nThe key lies under the stone.\n")
    screen = open_page("documents", conversation.id)
    server.script(Reply("Under the stone [1]."))
    screen.ask("Where is the key?")
    assert "Used the only passage." in screen.captions
    assert "line 3 · Notes" in screen.captions and "The key lies under the stone." in screen.everything()


def test_every_kind_that_is_promised_is_read_from_where_it_is_kept(
    open_page: Callable[..., Screen], store: JsonStore, environ: dict[str, str], tmp_path: Path
):
    kept = build_resources(build_providers(Settings.from_env(environ))).attachments
    files = []
    for name, make_file, _ in files_to_read.PROMISED:
        make_file(tmp_path / name)
        files.append(kept.put(name, (tmp_path / name).read_bytes()))
    conversation = Conversation.of_all([Message("user", "Here.", attachments=files), Message("assistant", "Thanks.")])
    store.save("With files", conversation)
    screen = open_page("documents", conversation.id)
    documents = [file for file in files if not file.is_picture]
    indexing_queue(services().resources).readable(documents, CancellationToken(), lambda _line: None)
    screen.app.run()
    told = [text for text in screen.captions if text.endswith(" passages") or "“" in text]
    assert len(told) == len(documents) and all(text.endswith(" passages") for text in told)


def test_a_file_that_cannot_be_read_is_told_in_the_sidebar(
    open_page: Callable[..., Screen], store: JsonStore, environ: dict[str, str]
):
    conversation = saved_with(store, environ, "shot.pdf", b"\x89PNG\r\n\x1a\n")
    screen = open_page("documents", conversation.id)
    while not (told := [text for text in screen.captions if "is damaged, or not a picture" in text]):
        screen.app.run()
    assert len(told) == 1 and not screen.errors


def test_a_removed_document_leaves_the_conversation_and_the_disk(
    open_page: Callable[..., Screen], store: JsonStore, environ: dict[str, str], tmp_path: Path
):
    conversation = saved_with(store, environ, "notes.md", b"The key lies under the stone.")
    screen = open_page("documents", conversation.id)
    screen.click("Remove permanently")
    assert store.load("With a file").messages[0].attachments == []
    assert "Remove permanently" not in screen.buttons
    assert not list((tmp_path / "attachments").iterdir())


def test_an_empty_page_shows_no_documents(open_page: Callable[..., Screen]):
    screen = open_page("documents")
    assert "Documents" not in screen.subheaders and not screen.errors


def test_a_folder_that_comes_in_the_moment_of_the_temporary_switch_is_not_on_the_disk(
    open_page: Callable[..., Screen], tmp_path: Path
):
    screen = open_page("documents")
    screen.app.toggle(key="bna.documents.temporary").set_value(True)
    [box] = [box for box in screen.app.file_uploader if box.label.startswith("All files of a folder")]
    box.upload("notes.md", b"A secret").run()
    assert "notes.md" in screen.everything()
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"secret" in path.read_bytes()]
