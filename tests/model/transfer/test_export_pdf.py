"""PDF: nothing that a model writes makes it fail, or asks another host."""

import socket
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdfium2
import pytest

from controller.history.export import file_reader
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.store.attachments import AttachmentStore
from model.transfer.export_pdf import as_pdf
from tests.drawn import photo
from tests.illustrated import NAMES, RASTERS, coloured, illustrated
from tests.proportion import is_in_proportion
from tests.utils.hostile_drawings import CLEANED
from utils.text.rendering.pdf.markdown import draw_markdown
from utils.text.rendering.pdf.paper import MISSING, Paper
from utils.text.rendering.pdf.pictures import draw_on_paper

HOSTILE = {
    "html": "<script>alert(1)</script><img src=http://127.0.0.1:9/x>" * 200,
    "images": "![a cat](http://127.0.0.1:9/x.png) ![](file:///etc/passwd)" * 50,
    "a long line of code": "```\n" + "x" * 100_000 + "\n```",
    "a long word": "x" * 100_000,
    "deep quotes": ">" * 3000 + " a",
    "deep lists": "\n".join(" " * (2 * depth) + "- x" for depth in range(200)),
    "a wide table": "|" + "a|" * 300 + "\n|" + "-|" * 300 + "\n" + ("|" + "b|" * 300 + "\n") * 20,
    "a long table": "|a|b|\n|-|-|\n" + "|1|2|\n" * 800,
    "a huge cell": "|a|b|\n|-|-|\n|" + "long words here " * 3000 + "|2|",
    "links": "[a](javascript:alert(1)) [b](#nowhere) [c](5) [d](file:///etc/passwd) <http://example.org>",
    "stars and brackets": "*a " * 3000 + "[" * 3000,
    "all characters": "".join(map(chr, range(0x300))) + "\ud800",
    "nothing": "",
    "an open fence": "```python\nprint(1)",
    "a table in a list": "- a\n\n  |a|b|\n  |-|-|\n  |1|2|",
}


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch):
    def refuse(*args: object) -> None:
        raise AssertionError("the export asked for a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_any_markdown_gives_a_pdf_and_asks_nobody(text: str):
    data = as_pdf("T", Conversation([Message("user", text), Message("assistant", text)]))
    assert data.startswith(b"%PDF-") and data.rstrip().endswith(b"%%EOF")
    assert b"javascript:" not in data and b"file:" not in data


def test_the_fonts_it_carries_are_cut_to_what_is_used():
    assert len(as_pdf("Rain", Conversation([Message("user", "How does rain form?")]))) < 60_000


@pytest.mark.parametrize(
    ("text", "missing_count"),
    [
        ("Ünï αβγ Привет שלום مرحبا → ✓ □", 0),
        ("日本語", 3),
        ("👨\u200d👩\u200d👧 👩🏽\u200d💻 🎉 🇩🇪 1️⃣ ❤️", 0),
        ("✔️\u200e\U000e0041", 0),
    ],
)
def test_characters_that_no_font_has_are_counted(text: str, missing_count: int):
    paper = Paper("T")
    paper.write_in("text", 10)
    drawn = paper.drawable(text)
    paper.finished()
    assert paper.missing_count == missing_count
    assert drawn.count(MISSING) == missing_count + text.count(MISSING)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows by all that is drawn."""
    texts: list[str] = []
    real = Paper.drawable

    def noted(self: Paper, text: str) -> str:
        texts.append(text)
        return real(self, text)

    monkeypatch.setattr(Paper, "drawable", noted)
    return texts


def test_the_document_itself_says_how_many_could_not_be_drawn(drawn: list[str]):
    as_pdf("T", Conversation([Message("user", "日本語")]))
    assert (
        drawn[-1].startswith("3 characters could not be drawn") and "CJK UNIFIED IDEOGRAPH-672C (U+672C)" in drawn[-1]
    )
    as_pdf("T", Conversation([Message("user", "plain")]))
    assert drawn[-1] == "plain"


def test_everything_that_is_said_stands_on_the_paper(drawn: list[str]):
    parts = [
        "# Head",
        "- item **bold**",
        "> quote",
        "```\ncode\n```",
        "|a|b|\n|-|-|\n|cell|`mono`|",
        "![cat](http://x/y)",
    ]
    paper = Paper("T")
    draw_markdown(paper, "\n\n".join([*parts, "<b>html</b>"]))
    paper.finished()
    words = ("Head", "item", "bold", "quote", "code", "cell", "mono", "[image: cat]", "<b>html</b>")
    assert [word for word in words if word not in " ".join(drawn)] == []


def test_of_thoughts_the_heading_is_there_and_where_they_are(drawn: list[str]):
    answer = Message("assistant", "Rain.", thinking="Secret reasoning.", thinking_s=12.0)
    as_pdf("T", Conversation([Message("user", "Why?"), answer]))
    assert "Thought for 12 s" in drawn and "Secret reasoning." not in " ".join(drawn)
    assert any("Markdown and JSON exports" in text for text in drawn)


def text_of(pdf: bytes) -> str:
    """Return the words on a PDF's pages, as PDFium reads them."""
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def answer(text: str) -> bytes:
    return as_pdf("T", Conversation([Message("assistant", text)]))


FORMULAS = [r"$e^{i\pi}+1=0$", r"\(\frac{-b\pm\sqrt{b^2-4ac}}{2a}\)", r"\[ \int_0^1 x\,dx \]"]
FORMULAS += ["$$\n\\sum_{i=1}^n i^2\n$$"]
FORMULAS += ["\\[\n\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}\n\\]", r"$\alpha \neq \beta$"]


@pytest.mark.parametrize("around", ["It is {} here.", "- item {}\n\n> quote {}", "Then:\n{}\n\n**bold**"])
def test_formulas_are_drawn(around: str):
    formulas = [formula for formula in FORMULAS if "\n" not in formula or around.startswith("Then")]
    pdf = answer("\n\n".join(around.replace("{}", formula) for formula in formulas))
    assert not set("\\$^{}") & set(text_of(pdf))
    assert len(pdf) > len(answer("\n\n".join([around] * len(formulas)))) + 500 * len(formulas)  # their paths


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"$\frac{1}{$ and", r"$\frac{1}{$"),
        ("It costs $5 and $10.", "$5 and $10."),
        (r"Code `\(a^2\)` stays", r"\(a^2\)"),
        (r"an escaped \[1\]", "[1]"),
        ("$x_{漢}$", "$x_{"),
        ("$" + "{" * 300 + "x_1" + "}" * 300 + "$", "{{{"),
    ],
)
def test_what_cannot_be_drawn_stays_the_source_that_it_is(text: str, shown: str):
    assert shown in text_of(answer(text))


def test_italics_lean_and_emoji_are_there():
    paper, upright = Paper("T"), Paper("T")
    draw_markdown(paper, "*leaning* and 🎉")
    draw_markdown(upright, "upright")
    assert {"textI", "emoji"} <= set(paper.fonts) and {"textI", "emoji"}.isdisjoint(upright.fonts)
    assert "🎉" in text_of(paper.finished()) and upright.finished()


def test_line_breaks_small_letters_and_bold_are_what_models_mean():
    text = text_of(answer("H<sub>2</sub>O<br>next **é…**x"))
    assert "H₂O" in text and "\nnext é…x" in text and not set("<*") & set(text)


def test_moments_are_those_of_the_reader():
    conversation = Conversation([Message("user", "Hi", created_at="2026-07-01T10:00:00+00:00")])
    assert "2026-07-01 12:00 CEST" in text_of(as_pdf("T", conversation, ZoneInfo("Europe/Paris")))


@pytest.mark.parametrize("marks", ["\u0301", "\u200e"])
def test_marks_without_width_take_time_in_proportion(marks: str):
    assert is_in_proportion(lambda count: answer("a" + marks * count), 2_000)


def test_letters_with_a_few_marks_take_time_in_proportion():
    assert is_in_proportion(lambda count: answer(("a" + "\u0301" * 8) * count), 100)


def rasters(pdf: bytes) -> int:
    """Return how many pictures made of pixels stand on a PDF's pages."""
    document = pypdfium2.PdfDocument(pdf)
    kinds = [pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]
    return sum(1 for page in document for _ in page.get_objects(kinds, max_depth=5))


def test_pictures_stand_in_their_order_with_their_names_below_and_the_lead_before_all(tmp_path: Path):
    files = AttachmentStore(tmp_path)
    pdf = as_pdf("T", illustrated(files), read=file_reader(files), lead="## Summary\n\nThe day.")
    text = text_of(pdf)
    places = [text.index(words) for words in ("Summary", "What is this?", "sea.png", "three times", *NAMES[1:])]
    assert places == sorted(places) and "could not be drawn" not in text
    assert rasters(pdf) == RASTERS
    assert "Drinks" in text and "coffee" in text  # the chart's own words: it is drawn as shapes and letters


def test_a_picture_that_is_gone_or_broken_is_a_line_of_text(tmp_path: Path):
    files = AttachmentStore(tmp_path)
    conversation = illustrated(files, drawing="<svg")
    files.remove(conversation.messages[0].attachments[0].sha256)
    pdf = as_pdf("T", conversation, read=file_reader(files))
    assert "sea.png: The file is no longer there." in text_of(pdf) and rasters(pdf) == RASTERS - 1
    assert "chart-2.svg · drinks: This is no valid SVG" in text_of(pdf)


@pytest.mark.parametrize("drawing", CLEANED.values(), ids=CLEANED.keys())
def test_any_drawing_gives_a_pdf(tmp_path: Path, drawing: str):
    files = AttachmentStore(tmp_path)
    pdf = as_pdf("T", illustrated(files, drawing), read=file_reader(files))
    assert rasters(pdf) == RASTERS and b"evil" not in pdf


@pytest.mark.parametrize("size", [(1, 1), (3000, 40), (40, 3000), (1568, 1568)])
def test_a_picture_of_any_shape_fits_the_page(size: tuple[int, int]):
    paper = Paper("T")
    paper.paragraph("before", 10)
    for number in range(3):
        draw_on_paper(paper, coloured("red", size), f"{number}")
    document = pypdfium2.PdfDocument(paper.finished())
    for page in document:
        for image in page.get_objects([pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]):
            left, bottom, right, top = image.get_bounds()
            assert left >= 0 and bottom >= 0 and right <= page.get_width() and top <= page.get_height()


def test_a_large_photo_is_embedded_as_small_as_it_is_printed():
    paper = Paper("T")
    draw_on_paper(paper, photo(), "x")
    assert len(paper.finished()) < 300_000


def test_words_stand_where_fpdf_itself_would_put_them():
    text = "The quick brown fox jumps over the lazy dog,  and again:\n" * 9 + "A word and another one, " * 40
    ours, theirs = Paper("T"), Paper("T")
    for paper in (ours, theirs):
        paper.write_in("text", 10)
    ours.run(text, 5)
    theirs.write(5, text)
    assert text_of(ours.finished()) == text_of(theirs.finished())
