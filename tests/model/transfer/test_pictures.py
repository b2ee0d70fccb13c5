"""The pictures of a message: all of them, in order, each once, and nothing that is none."""

from dataclasses import replace
from pathlib import Path

import pytest

from model.chat.message import Message
from model.chat.message_parts import Attachment, ToolStep
from model.errors import FileGone
from model.store.attachments import AttachmentStore
from model.transfer.pictures import PictureFile, pictures_of_message, read_picture
from tests import drawn
from tests.illustrated import NAMES, coloured, illustrated
from tests.utils.hostile_drawings import CLEANED

ROW = {"sha256": "a" * 64, "name": "x.png", "media_type": "image/png"}


def test_attached_made_drawn_and_plotted_pictures_come_in_their_order(tmp_path: Path):
    conversation = illustrated(AttachmentStore(tmp_path))
    found = [picture.name for message in conversation.messages for picture in pictures_of_message(message)]
    assert found == NAMES


def test_a_picture_that_is_named_twice_comes_once_where_it_came_first():
    steps = [ToolStep("1", "x", details={"pictures": [ROW, ROW | {"sha256": "b" * 64, "name": "y.png"}, ROW]})]
    assert [one.name for one in pictures_of_message(Message("assistant", "", tool_steps=steps))] == ["x.png", "y.png"]


@pytest.mark.parametrize(
    "details",
    [
        {},
        {"a": "b"},
        {"files": [ROW | {"media_type": "text/csv"}, 5, None]},
        {"x": ROW | {"sha256": 5}},
        {"x": {"y": []}},
    ],
)
def test_what_is_no_picture_is_passed_over(details: dict[str, object]):
    assert pictures_of_message(Message("assistant", "", tool_steps=[ToolStep("1", "x", details=details)])) == []


def test_documents_are_no_pictures():
    files = [Attachment("a" * 64, "a.pdf", "application/pdf"), Attachment("b" * 64, "b.jpg", "image/jpeg")]
    assert [one.name for one in pictures_of_message(Message("user", "", attachments=files))] == ["b.jpg"]


PICTURE = PictureFile("a" * 64, "x.png", "image/png")


def gone(_sha256: str) -> bytes:
    raise FileGone


def unopened(_sha256: str) -> bytes:
    raise PermissionError


@pytest.mark.parametrize("read", [gone, unopened, lambda _: b"", lambda _: b"no picture", lambda _: drawn.bomb()])
@pytest.mark.parametrize("kind", ["image/png", "image/svg+xml"])
def test_one_that_cannot_be_shown_says_why_in_a_sentence(read, kind: str):
    with pytest.raises(ValueError, match=r"^[A-Z].*\.$"):
        read_picture(replace(PICTURE, media_type=kind), read)


def test_what_a_picture_is_only_its_bytes_say():
    assert read_picture(replace(PICTURE, media_type="image/gif"), lambda _: coloured("red")).media_type == "image/png"
    html = b"<html><script>alert(1)</script></html>"
    with pytest.raises(ValueError, match="SVG"):
        read_picture(replace(PICTURE, media_type="image/svg+xml"), lambda _: html)


def test_a_drawing_is_cleaned_again():
    dirty = CLEANED["script"].encode()
    clean = read_picture(replace(PICTURE, media_type="image/svg+xml"), lambda _: dirty)
    assert b"script" in dirty and b"script" not in clean.data and b"<rect" in clean.data


def test_a_caption_is_one_line():
    assert replace(PICTURE, about="a\nfox " * 100).caption.startswith("x.png · a fox a")
    assert len(replace(PICTURE, about="a" * 1000).caption) < 220
