"""PDFs whose words are not all in their text: each is read once, and what an OCR has read off is told."""

from pathlib import Path

import pytest
from pypdfium2 import PdfDocument

from tests.utils.reading.made import pdfs
from tests.utils.reading.made.sample import words_in
from utils.reading.block import Block, Notice, Progress
from utils.reading.pdf import scans
from utils.reading.worker import read_file


def read(data: bytes, folder: Path) -> tuple[list[str], list[str]]:
    """Return the lines of a PDF, and what is told of it."""
    (folder / "a.pdf").write_bytes(data)
    parts = list(read_file(folder / "a.pdf", "a.pdf"))
    assert all(isinstance(part, Block | Notice | Progress) for part in parts), parts[-1]
    lines = [line for part in parts if isinstance(part, Block) for line in part.text.splitlines()]
    return lines, [part.sentence for part in parts if isinstance(part, Notice)]


def test_a_stamp_does_not_hide_the_scan(tmp_path: Path):
    lines, notices = read(pdfs.scan("Scanned with App"), tmp_path)
    assert sorted(lines) == ["Invoice 4711", "Pay 250 euros by March", "Scanned with App"]
    assert notices == ["The words on 1 picture in it were read off, so expect a mistake here and there."]


def test_a_scan_that_has_its_words_already_is_not_read_twice(tmp_path: Path):
    lines, notices = read(pdfs.scan(hidden="Invoice 4711\n\nPay 250 euros by March"), tmp_path)
    assert words_in(" ".join(lines)) == words_in("Invoice 4711 Pay 250 euros by March") and notices == []


def test_a_scan_in_strips_is_read_as_one(tmp_path: Path):
    lines, _ = read(pdfs.strips("Page 3"), tmp_path)
    assert sorted(lines) == ["Invoice 4711", "Page 3", "Pay 250 euros by March"]


def test_a_turned_scan_with_a_stamp_is_read(tmp_path: Path):
    (tmp_path / "flat.pdf").write_bytes(pdfs.scan("Page 3"))
    with PdfDocument(tmp_path / "flat.pdf") as document:
        document[0].set_rotation(180)
        document.save(tmp_path / "turned.pdf")
    lines, notices = read((tmp_path / "turned.pdf").read_bytes(), tmp_path)
    assert "Page 3" in lines and len(lines) > 1 and notices


def test_a_long_text_beside_a_large_scan_does_not_hide_it(tmp_path: Path):
    text, *lines = read(pdfs.beside("The harvest was good this year, as all could see. " * 10), tmp_path)[0]
    assert text.startswith("The harvest") and lines == ["Invoice 4711", "Pay 250 euros by March"]


@pytest.mark.parametrize("width_mm", [160, 80], ids=["of a page", "of a column"])
def test_words_on_a_figure_come_behind_the_text(width_mm: int, tmp_path: Path):
    lines, _ = read(pdfs.figure(width_mm), tmp_path)
    assert lines[-1] == "Barley 417 tons" and lines[0].startswith("The harvest was good")


def test_words_that_are_drawn_are_read_beside_the_few_that_are_text(tmp_path: Path):
    lines, notices = read(pdfs.outlined("The harvest was good this year", "Page 3"), tmp_path)
    assert lines == ["Page 3", "The harvest was good this year"] and len(notices) == 1


def test_text_whose_letters_are_not_told_is_read_off_and_that_is_said(tmp_path: Path):
    lines, notices = read(pdfs.unmapped("Otters hold hands while asleep"), tmp_path)
    assert lines == ["Otters hold hands while asleep"]
    assert notices[0].startswith("On 1 page the file does not tell the letters; the words were read off")


def test_text_whose_letters_are_not_told_nor_can_be_read_off_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scans, "words_on", lambda pixels: "")
    _, notices = read(pdfs.unmapped("Otters hold hands while asleep"), tmp_path)
    assert notices == [
        "On 1 page the file does not tell the letters, and none could be read off: the text may be wrong."
    ]


def test_what_was_filled_in_and_noted_is_read_with_the_names_of_its_fields(tmp_path: Path):
    assert read(pdfs.form("6 0 R 7 0 R", "6 0 R 7 0 R"), tmp_path)[0] == [
        "Tenant:",
        "name: Ann Example",
        "season: Autumn",
    ]
    assert read(pdfs.form("8 0 R 9 0 R"), tmp_path)[0] == ["Tenant:", "Ring twice", "Note: Is this right?"]


@pytest.mark.parametrize(
    "annotation", ["10 0 R", "11 0 R", "12 0 R", "13 0 R"], ids="stamp text signature said".split()
)
def test_what_only_the_picture_of_an_annotation_says_is_read_once(annotation: str, tmp_path: Path):
    fields = annotation if annotation == "12 0 R" else ""
    assert read(pdfs.form(annotation, fields), tmp_path) == (["Tenant:", "APPROVED on 4 May"], [])


def test_more_pictures_than_are_looked_at_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scans, "MAX_LOOKS", 0)
    assert read(pdfs.scan(), tmp_path)[1] == [
        "1 page is a picture; the words were read off, but for the last 1, so expect a mistake here and there."
    ]
    [notice] = read(pdfs.figure(), tmp_path)[1]
    assert notice.startswith("It holds more than 0 pictures: the words on the last 1 were not read off.")
