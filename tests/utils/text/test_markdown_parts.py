"""A name or an address stands literally in a Markdown file, whatever reads it."""

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from utils.text.markdown_parts import literal

PARTS = ["![a](http://h.test)", "<img src=x>", "&amp;", "*a*", "_b_", "~~c~~", "`d`", "# ", "- ", "1. ", "12) ", "a"]
PARTS += ["---", "===", "> ", "| a |", "<http://h.test>", "[r]: /x", "\\", "\n", "\t", "$x$", "+ ", "2026. "]


@given(st.text() | st.lists(st.sampled_from(PARTS), max_size=6).map("".join))
@example("- item")
@example("123456789. item")
@example("---")
def test_every_reader_shows_it_literally_on_one_line(text: str):
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(literal(text))
    said = " ".join(text.replace("\0", "\ufffd").split())
    assert [token.type for token in tokens] == (["paragraph_open", "inline", "paragraph_close"] if said else [])
    parts = [part for token in tokens for part in token.children or []]
    assert {part.type for part in parts} <= {"text"}
    assert "".join(part.content for part in parts) == said
