"""Reading files of each kind: all of the words come, each with its place."""

from pathlib import Path

import pytest

from tests.utils.reading import files_to_read as make
from utils.reading.block import Block, Notice, Progress
from utils.reading.isolated import read_isolated
from utils.reading.pdf.pages import paragraphs
from utils.threads.stop import CancellationToken


def read(path: Path, name: str = "") -> list[Block]:
    return [part for part in read_isolated(path, name or path.name, CancellationToken()) if isinstance(part, Block)]


def test_a_pdf_gives_its_pages(tmp_path: Path):
    parts = list(
        read_isolated(make.pdf(tmp_path / "a.pdf", ["First page.", "", "Third page."]), "a.pdf", CancellationToken())
    )
    assert [(p.text, p.section) for p in parts if isinstance(p, Block)] == [
        ("First page.", "page 1"),
        ("Third page.", "page 3"),
    ]
    assert [p for p in parts if isinstance(p, Progress)][-1] == Progress(3, 3, "pages")
    assert not [p for p in parts if isinstance(p, Notice)]


def test_lines_of_a_page_become_paragraphs_and_titles_stand_alone():
    page = "Guarantee\r\nWe give a guarantee of three years on it\r\nand of ten on its boilers.\r\nKeep the bill."
    assert paragraphs(page) == [
        "Guarantee",
        "We give a guarantee of three years on it and of ten on its boilers.",
        "Keep the bill.",
    ]


def test_a_scanned_page_is_read_off_the_picture_and_that_is_told(tmp_path: Path):
    parts = list(
        read_isolated(
            make.scan(tmp_path / "scan.pdf", "Invoice 4729\nTotal: 318 euros"), "scan.pdf", CancellationToken()
        )
    )
    [block] = [part for part in parts if isinstance(part, Block)]
    assert "4729" in block.text and "318" in block.text and block.section == "page 1"
    [notice] = [part for part in parts if isinstance(part, Notice)]
    assert notice.sentence.startswith("1 page is a picture")


def test_word_gives_headings_and_tables(tmp_path: Path):
    blocks = read(make.word(tmp_path / "a.docx"))
    assert [(b.text, b.heading) for b in blocks] == [
        ("Run the programme.", "Guide › Install"),
        ("Name | Pay", "Guide › Install"),
    ]


def test_slides_give_their_numbers_and_notes(tmp_path: Path):
    blocks = read(make.slides(tmp_path / "a.pptx"))
    assert ("Build a boat", "slide 1") in [(b.text, b.section) for b in blocks]
    assert ("Smile here.", "slide 2, notes") in [(b.text, b.section) for b in blocks]


def test_sheets_give_rows_under_their_heads_and_formulas_as_written(tmp_path: Path):
    blocks = read(make.sheets(tmp_path / "a.xlsx"))
    assert blocks[0] == Block("Tea | 3 | =B2*2", "sheet Budget", "row", 2, "Item | Cost | Twice")
    assert blocks[-1] == Block("Buy cheaper tea", "sheet Notes", "row", 1, "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_is_read_in_its_encoding(tmp_path: Path, encoding: str):
    path = tmp_path / "a.txt"
    path.write_bytes("Größe und Maß für Jürgen\nzweite Zeile über Äpfel\n".encode(encoding))
    blocks = read(path)
    assert [(b.text, b.number) for b in blocks] == [("Größe und Maß für Jürgen", 1), ("zweite Zeile über Äpfel", 2)]


def test_a_table_in_text_has_a_head_whatever_parts_its_columns(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text('Name;Town\nBob;"Rome; Italy"\n')
    assert read(path) == [Block("Bob | Rome; Italy", "", "row", 2, "Name | Town")]


def test_markdown_gives_headings_but_not_those_in_code(tmp_path: Path):
    path = tmp_path / "a.md"
    path.write_text("# Top\n## Part\ntext\n```\n# no heading\n```\n# Next\nmore\n")
    headings = {block.text: block.heading for block in read(path)}
    assert headings["text"] == headings["# no heading"] == "Top › Part" and headings["more"] == "Next"


def test_a_heading_with_nothing_under_it_is_not_lost(tmp_path: Path):
    path = tmp_path / "a.md"
    path.write_text("# Top\n## Empty\n## Full\ntext\n## Last\n")
    assert [(b.text, b.heading) for b in read(path)] == [("Empty", "Top"), ("text", "Top › Full"), ("Last", "Top")]


def test_a_web_page_is_read_without_its_menu(tmp_path: Path):
    path = tmp_path / "a.html"
    article = "<p>Otters hold hands while they sleep, so that the sea does not part them.</p>" * 4
    path.write_text(f"<html><body><nav>Buy now</nav><article><h1>Otters</h1>{article}</article></body></html>")
    blocks = read(path)
    assert blocks[0].text.startswith("Otters hold hands") and blocks[0].heading == "Otters"
    assert not any("Buy now" in block.text for block in blocks)


def test_a_page_that_is_no_article_gives_all_of_its_text_and_that_is_told(tmp_path: Path):
    path = tmp_path / "a.html"
    article = "<p>Otters hold hands while they sleep, so that the sea does not part them.</p>" * 4
    cells = "".join(f"<tr><td>Otter {n}</td><td>{n} kg</td></tr>" for n in range(30))
    menu = "<ul><li><a href='/'>Buy now</a></li></ul>"
    path.write_text(
        f"<html><body>{menu}<article>{article}</article><h2>Weights</h2><table>{cells}</table></body></html>"
    )
    parts = list(read_isolated(path, path.name, CancellationToken()))
    blocks = [part for part in parts if isinstance(part, Block)]
    assert ("Otter 29 | 29 kg", "Weights") in [(block.text, block.heading) for block in blocks]
    assert [part.sentence for part in parts if isinstance(part, Notice)] == [
        "This page is not only an article, so all of its text was read, without its menus."
    ]
    assert not any("Buy now" in block.text for block in blocks)


def test_a_file_is_read_as_what_it_is_and_not_as_what_it_is_called(tmp_path: Path):
    parts = list(read_isolated(make.word(tmp_path / "report.pdf"), "report.pdf", CancellationToken()))
    assert Notice("Its name ends in .pdf, but it is a Word file and was read as one.") in parts
    assert any(isinstance(part, Block) and part.text == "Run the programme." for part in parts)
