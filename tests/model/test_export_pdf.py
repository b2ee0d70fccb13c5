"""PDF: nothing that a model writes makes it fail, or asks another host."""

import socket

import pytest

from model.conversation import Conversation
from model.export_pdf import as_pdf
from model.message import Message
from utils.pdf import MISSING, Paper
from utils.pdf_markdown import draw_markdown

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
    ("text", "missing_count"), [("Ünï αβγ Привет שלום مرحبا → ✓ □", 0), ("日本語", 3), ("👨‍👩‍👧", 3), ("✔️", 0)]
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
    assert drawn[-1].startswith("3 characters could not be drawn")
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
