"""Import and export on the screen."""

import io
import json
import zipfile
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.store.attachments import AttachmentStore, attachments_folder
from model.store.json_store import JsonStore
from settings import ROOT
from tests.illustrated import NAMES, RASTERS, illustrated
from tests.view.conftest import TIMEOUT_S

PAGE = str(ROOT / "pages" / "91_Take_Along.py")
CHAT = {"Rain": [{"role": "user", "content": "Hi"}]}


@pytest.fixture
def page() -> AppTest:
    """Return what opens the page; it has to be run."""
    app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=TIMEOUT_S)
    app.switch_page("pages/91_Take_Along.py")
    return app


def give(page: AppTest, data: bytes, name: str = "x.json") -> AppTest:
    """Upload a file and press Import."""
    page.file_uploader[0].upload(name, data).run()
    return press(page)


def press(page: AppTest) -> AppTest:
    """Press Import; no traceback may come of it."""
    next(button for button in page.button if button.label == "Import").click().run()
    assert not page.exception
    return page


def test_a_file_is_imported_and_the_report_stays(page: AppTest, store: JsonStore):
    give(page.run(), json.dumps(CHAT).encode())
    assert store.names() == ["Rain"]
    assert page.success[0].value == "1 taken."
    assert page.run().success[0].value == "1 taken." and not page.dataframe


def test_a_path_on_this_machine_is_read_from_its_place(page: AppTest, store: JsonStore, tmp_path):
    (tmp_path / "export.json").write_text(json.dumps(CHAT))
    page.run().text_input[0].set_value(str(tmp_path / "export.json")).run()
    press(page)
    assert store.names() == ["Rain"]


def test_what_was_not_taken_stands_in_a_table(page: AppTest):
    name = "**Odd** :red[name]"
    give(page.run(), json.dumps({name: [{"role": "user", "content": "Hi"}, {"role": "user"}]}).encode())
    table = page.dataframe[0].value
    assert list(table["Conversation"]) == [name] and list(table["Left out"]) == ["1 message without text"]


@pytest.mark.parametrize("data", [b"", b"<html>", b"[1]", b"PK\x03\x04"])
def test_a_useless_file_is_told_in_a_sentence(page: AppTest, store: JsonStore, data: bytes):
    give(page.run(), data)
    assert len(page.error) == 1 and page.error[0].value.endswith(".")
    assert store.names() == [] and not page.success


def test_nothing_given_nothing_to_press(page: AppTest):
    page.run()
    assert next(button for button in page.button if button.label == "Import").disabled


def test_all_are_exported(page: AppTest, store: JsonStore, downloads: dict[str, Any]):
    store.save("Rain", Conversation([Message("user", "Hi")]))
    store.save("Snow", Conversation([Message("user", "Hi")]))
    page.run().selectbox[0].select("Markdown").run()
    with zipfile.ZipFile(io.BytesIO(downloads["Export all"].make())) as archive:
        assert archive.namelist() == ["Rain.md", "Snow.md"]
    page.selectbox[0].select("JSON").run()
    assert list(json.loads(downloads["Export all"].make())) == ["Rain", "Snow"]
    assert downloads["Export all"].file_name == "bnagpt-conversations.json"
    page.selectbox[0].select("PDF").run()
    with zipfile.ZipFile(io.BytesIO(downloads["Export all"].make())) as archive:
        assert archive.read("Rain.pdf").startswith(b"%PDF-")


def export_page() -> None:
    """Draw the export of one conversation, as a page of its own."""
    from model.chat.conversation import Conversation
    from model.chat.message import Message
    from view.history.export_box import draw_export
    from view.pages import provide_parts

    provide_parts()
    draw_export(Conversation([Message("user", "Hi", id="x")], "a/b: **Rain**"))


@pytest.mark.parametrize(
    ("chosen", "beginning", "ending"),
    [("Markdown", b"# a/b", ".md"), ("JSON", b"{\n", ".json"), ("PDF", b"%PDF", ".pdf")]
    + [("HTML", b"<!DOCTYPE html>", ".html")],
)
def test_one_conversation_is_made_into_a_file_when_asked(
    downloads: dict[str, Any], chosen: str, beginning: bytes, ending: str
):
    app = AppTest.from_function(export_page, default_timeout=TIMEOUT_S).run()
    app.selectbox[0].select(chosen).run()
    assert not app.exception
    assert downloads["Export"].make().startswith(beginning)
    assert downloads["Export"].file_name == f"a-b- --Rain{ending}"


def test_the_export_of_a_conversation_takes_its_pictures_along(open_page, store: JsonStore, downloads: dict[str, Any]):
    files = AttachmentStore(attachments_folder(store.path))
    store.save("Sea", illustrated(files))
    screen = open_page("chatbot_with_memory")
    screen.pick("Sea", "Export")
    made = {}
    for chosen in ("Markdown", "HTML", "PDF"):
        next(box for box in screen.app.selectbox if box.label == "Format").select(chosen).run()
        assert not screen.app.exception
        made[chosen] = (downloads["Export"].file_name, downloads["Export"].make())
    assert [name for name, _ in made.values()] == ["Sea.zip", "Sea.html", "Sea.pdf"]
    with zipfile.ZipFile(io.BytesIO(made["Markdown"][1])) as archive:
        assert [name.rpartition("-")[2] for name in archive.namelist()][:1] == ["sea.png"]
        assert len(archive.namelist()) == len(NAMES) + 1
    assert made["HTML"][1].count(b"<img ") == len(NAMES)
    assert made["PDF"][1].count(b"/Subtype /Image") == RASTERS


def test_every_page_leads_there(open_page):
    for slug in ("", "simple_chatbot", "chatbot_with_memory"):
        labels = [link.label for link in open_page(slug).app.sidebar.get("page_link")]
        assert "Import and export" in labels
