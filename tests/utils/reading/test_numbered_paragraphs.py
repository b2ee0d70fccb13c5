"""The numbers that Word and PowerPoint put before paragraphs by themselves are read, though they stand in no text."""

from pathlib import Path

from tests.utils.reading.made.sample import Part
from tests.utils.reading.made.slides import run as slide_run
from tests.utils.reading.made.slides import shape, talk
from tests.utils.reading.made.word import SPACES, TYPE, cell, document, paragraph, row, run, table
from utils.reading.block import Block
from utils.reading.worker import read_file


def level(number: int, kind: str, text: str, more: str = "") -> str:
    shape = f'<w:start w:val="1"/><w:numFmt w:val="{kind}"/>{more}<w:lvlText w:val="{text}"/>'
    return f'<w:lvl w:ilvl="{number}">{shape}</w:lvl>'


CLAUSES = "".join(
    (
        level(0, "decimal", "%1.", '<w:pStyle w:val="Heading1"/>'),
        level(1, "decimal", "%1.%2"),
        level(2, "lowerLetter", "(%3)"),
        level(3, "upperRoman", "§ %4"),
        level(4, "bullet", "•"),
        level(5, "decimalZero", "%4-%6", "<w:isLgl/>"),
    )
)
RESTART = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
NUMBERING = (
    f'<w:numbering {SPACES}><w:abstractNum w:abstractNumId="0">{CLAUSES}</w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    f'<w:num w:numId="2"><w:abstractNumId w:val="0"/>{RESTART}</w:num></w:numbering>'
)
STYLES = (
    f'<w:styles {SPACES}><w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/>'
    '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style></w:styles>'
)


def item(text: str, at: int, number: int = 1) -> str:
    place = f'<w:numPr><w:ilvl w:val="{at}"/><w:numId w:val="{number}"/></w:numPr>'
    return f"<w:p><w:pPr>{place}</w:pPr>{run(text)}</w:p>"


def lines(data: bytes, folder: Path, name: str) -> list[str]:
    (folder / name).write_bytes(data)
    blocks = [part for part in read_file(folder / name, name) if isinstance(part, Block)]
    return [" # ".join(filter(None, (block.heading, block.text))) for block in blocks]


def word(*body: str) -> bytes:
    return document(
        "".join(body),
        Part("word/numbering.xml", NUMBERING, f"{TYPE}numbering+xml", "numbering"),
        Part("word/styles.xml", STYLES, f"{TYPE}styles+xml", "styles"),
    )


def test_each_level_counts_for_itself_and_begins_anew_below_the_next(tmp_path: Path):
    items = [("Fee", 0), ("Rent", 1), ("cold", 2), ("warm", 2), ("Law", 3), ("dot", 4), ("mixed", 5), ("Term", 1)]
    read = lines(
        word(*(item(*one) for one in items), item("gas", 2), item("End", 0), item("Last", 1)), tmp_path, "a.docx"
    )
    assert read == [
        "1. Fee", "1.1 Rent", "(a) cold", "(b) warm", "§ I Law", "dot", "1-01 mixed",
        "1.2 Term", "(a) gas", "2. End", "2.1 Last",
    ]  # fmt: skip


def test_a_list_that_says_so_begins_again(tmp_path: Path):
    assert lines(word(item("a", 0), item("b", 0, 2), item("c", 0, 2)), tmp_path, "a.docx") == ["1. a", "5. b", "6. c"]


def test_headings_are_numbered_by_their_style_and_cells_of_tables_count_along(tmp_path: Path):
    body = (
        paragraph("Rent", style="Heading1"), paragraph("First."),
        table(row(cell(item("in a cell", 1)), "beside")),
        paragraph("Law", style="Heading1"), paragraph("Second."),
    )  # fmt: skip
    assert lines(word(*body), tmp_path, "a.docx") == [
        "1. Rent # First.", "1. Rent # 1.1 in a cell | beside", "2. Law # Second.",
    ]  # fmt: skip


def test_a_level_that_no_list_has_stops_nobody(tmp_path: Path):
    assert lines(word(item("x", 12), item("y", 0, 77)), tmp_path, "a.docx") == ["x", "y"]


def test_slides_number_their_paragraphs_too(tmp_path: Path):
    def numbered(text: str, kind: str, at: int = 0) -> str:
        return f'<a:p><a:pPr lvl="{at}"><a:buAutoNum type="{kind}"/></a:pPr>{slide_run(text)}</a:p>'

    one, two = numbered("one", "arabicPeriod"), numbered("two", "arabicPeriod")
    inner = numbered("inner", "alphaLcParenBoth", 1)
    assert lines(talk(shape(one + inner + two + inner)), tmp_path, "a.pptx") == ["1. one\n(a) inner\n2. two\n(a) inner"]
