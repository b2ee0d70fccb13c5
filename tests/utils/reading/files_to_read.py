"""Files for the tests of reading, good ones and hostile ones, made with the libraries at hand."""

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import docx
import openpyxl
import pptx
from fpdf import FPDF
from PIL import Image, ImageDraw, ImageFont

from settings import ROOT
from tests import drawn


def pdf(path: Path, pages: Sequence[str], password: str = "") -> Path:
    """Write a PDF with a text on each page."""
    paper = FPDF()
    paper.set_font("helvetica", size=12)
    for text in pages:
        paper.add_page()
        if text:
            paper.multi_cell(0, 6, text)
    if password:
        paper.set_encryption(owner_password="owner", user_password=password)
    paper.output(str(path))
    return path


def scan(path: Path, text: str) -> Path:
    """Write a PDF whose only page is a picture of some words."""
    font = ImageFont.truetype(str(ROOT / "utils/text/rendering/pdf/fonts/DejaVuSans.ttf"), 40)
    picture = Image.new("RGB", (1000, 400), "white")
    ImageDraw.Draw(picture).text((40, 40), text, font=font, fill="black")
    paper = FPDF()
    paper.add_page()
    paper.image(picture, 0, 0, 210)
    paper.output(str(path))
    return path


def word(path: Path) -> Path:
    """Write a Word file with headings, text and a table."""
    document = docx.Document()
    document.add_heading("Guide", 0)
    document.add_heading("Install", 1)
    document.add_paragraph("Run the programme.")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Name", "Pay"
    document.save(str(path))
    return path


def slides(path: Path) -> Path:
    """Write a talk of two slides, the second with notes."""
    talk = pptx.Presentation()
    for title, text in (("Plans", "Build a boat"), ("Money", "Ten thousand")):
        slide = talk.slides.add_slide(talk.slide_layouts[1])
        slide.shapes.title.text, slide.placeholders[1].text = title, text
    talk.slides[1].notes_slide.notes_text_frame.text = "Smile here."
    talk.save(str(path))
    return path


def sheets(path: Path) -> Path:
    """Write an Excel file of two sheets, with a formula that nobody has worked out."""
    book = openpyxl.Workbook()
    book.active.title = "Budget"
    for row in (["Item", "Cost", "Twice"], ["Tea", 3, "=B2*2"], ["Milk", 2.5, None]):
        book.active.append(row)
    book.create_sheet("Notes").append(["Buy cheaper tea"])
    book.save(path)
    return path


def bomb(path: Path, size_bytes: int = 300 << 20) -> Path:
    """Write a Word file that unpacks to far more than it is."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("word/document.xml", b" " * size_bytes)
    return path


Make = Callable[[Path], object]
WORDS = "The key lies under the stone."
# Each kind of file that docs/documents.md promises to read: a name, what makes it, and words that stand in it.
PROMISED: list[tuple[str, Make, str]] = [
    ("a.pdf", lambda path: pdf(path, [WORDS]), WORDS),
    ("scan.pdf", lambda path: scan(path, "Invoice 4729"), "Invoice 4729"),
    ("a.docx", word, "Run the programme."),
    ("a.pptx", slides, "Build a boat"),
    ("a.xlsx", sheets, "Tea | 3 | =B2*2"),
    ("a.html", lambda path: path.write_text(f"<html><body><p>{WORDS}</p></body></html>"), WORDS),
    ("a.csv", lambda path: path.write_text("Name;Town\nBob;Rome\n"), "Bob | Rome"),
    ("a.tsv", lambda path: path.write_text("Name\tTown\nBob\tRome\n"), "Bob | Rome"),
    ("a.md", lambda path: path.write_text(f"# Key\n{WORDS}\n"), WORDS),
    ("a.txt", lambda path: path.write_text(WORDS), WORDS),
    ("a.py", lambda path: path.write_text("print('stone')\n"), "print('stone')"),
    ("a.png", lambda path: path.write_bytes(drawn.words("Total 42 euro")), "Total 42 euro"),
]
