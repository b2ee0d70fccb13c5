"""Pictures are taken out of documents, in a process of its own; words are read off them."""

import io
from pathlib import Path

import docx
import pytest
from fpdf import FPDF
from PIL import Image

from tests import drawn
from tests.utils.reading import files_to_read as make
from utils.files.unreadable import Unreadable
from utils.reading.block import Block, Drawn, Notice
from utils.reading.isolated import pictures_apart, read_isolated
from utils.threads.stop import CancellationToken


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def shown(path: Path) -> Image.Image:
    return Image.open(io.BytesIO(path.read_bytes()))


def taken(path: Path, name: str = "") -> tuple[list[Drawn], list[str]]:
    folder = path.parent / "out"
    folder.mkdir()
    found = list(pictures_apart(path, name or path.name, folder))
    pictures = [one for one in found if isinstance(one, Drawn)]
    assert {file.name for file in folder.iterdir()} == {picture.file_name for picture in pictures}
    assert all(shown(folder / picture.file_name).size == picture[2:4] for picture in pictures)
    return pictures, [one.sentence for one in found if isinstance(one, Notice)]


def test_a_picture_is_its_own_only_one(tmp_path: Path):
    pictures, _ = taken(written(tmp_path / "a.jpg", drawn.photo((2000, 1000))))
    assert [picture[1:] for picture in pictures] == [("image/jpeg", 1568, 784, "")]


def test_pictures_of_a_word_file_come_in_their_order_and_each_once(tmp_path: Path):
    document = docx.Document()
    for colour in ("red", "blue", "red"):
        document.add_picture(io.BytesIO(drawn.saved(Image.new("RGB", (200, 100), colour))))
    document.add_picture(io.BytesIO(drawn.saved(Image.new("RGB", (9, 9)))))
    document.save(str(tmp_path / "a.docx"))
    pictures, _ = taken(tmp_path / "a.docx")
    assert len(pictures) == 2
    assert shown(tmp_path / "out" / pictures[0].file_name).getpixel((9, 9)) == (255, 0, 0)


def test_pictures_of_a_pdf_tell_their_page(tmp_path: Path):
    paper = FPDF()
    paper.set_font("helvetica", size=12)
    for colour in ("red", "blue"):
        paper.add_page()
        paper.multi_cell(0, 6, "Some words.")
        paper.image(Image.new("RGB", (300, 200), colour), 20, 40, 90)
    paper.output(str(tmp_path / "a.pdf"))
    pictures, _ = taken(tmp_path / "a.pdf")
    assert [(picture.place, picture.width_px > 250) for picture in pictures] == [("page 1", True), ("page 2", True)]


def test_a_chart_of_many_strokes_is_one_picture(tmp_path: Path):
    paper = FPDF()
    paper.add_page()
    for number in range(150):
        paper.line(20, 20 + number, 20 + number, 200)
    paper.output(str(tmp_path / "a.pdf"))
    (picture,), _ = taken(tmp_path / "a.pdf")
    assert (picture.place, max(picture.width_px, picture.height_px)) == ("page 1", 1568)


def test_of_very_many_pictures_the_first_are_taken_and_that_is_told(tmp_path: Path):
    document = docx.Document()
    for number in range(22):
        document.add_picture(io.BytesIO(drawn.saved(Image.new("RGB", (60, 60), (number * 9, 0, 0)))))
    document.save(str(tmp_path / "a.docx"))
    pictures, notices = taken(tmp_path / "a.docx")
    assert len(pictures) == 20
    assert notices == ["It holds more than 20 pictures: the first 20 were taken."]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("half.png", drawn.words("x")[:500], "is damaged, or not a picture"),
        ("bomb.png", drawn.bomb(), "has far too many pixels"),
        ("a.docx", b"PK\x03\x04 nothing", "is damaged or was cut off"),
        ("a.pdf", b"%PDF-1.7 nothing", "is damaged or was cut off"),
        ("a.exe", b"MZ" + bytes(range(256)), "is a program, not a document"),
    ],
)
def test_what_has_none_gets_its_sentence(tmp_path: Path, name: str, data: bytes, reason: str):
    with pytest.raises(Unreadable) as caught:
        taken(written(tmp_path / name, data))
    assert caught.value.reason.startswith(reason) and caught.value.way_out.endswith(".")


def test_a_text_has_no_pictures(tmp_path: Path):
    assert taken(written(tmp_path / "notes.csv", b"Name;Town")) == ([], [])


def test_a_locked_pdf_gets_its_sentence(tmp_path: Path):
    with pytest.raises(Unreadable, match="is protected by a password"):
        taken(make.pdf(tmp_path / "a.pdf", ["secret"], password="x"))


def test_the_words_on_a_picture_are_read(tmp_path: Path):
    path = written(tmp_path / "a.png", drawn.words("Total 42 euro"))
    found = list(read_isolated(path, "a.png", CancellationToken()))
    assert [one.text for one in found if isinstance(one, Block)] == ["Total 42 euro"]
    assert [one for one in found if isinstance(one, Notice)]


def test_a_picture_without_words_has_none(tmp_path: Path):
    assert list(read_isolated(written(tmp_path / "a.jpg", drawn.photo((300, 200))), "a.jpg", CancellationToken())) == []
