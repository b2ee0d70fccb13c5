"""Web pages: the article where a page is one, else all of its text but for menus and the like.

trafilatura knows articles from what stands around them, but leaves out tables and paragraphs of pages that are none.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from utils.reading.block import Block, Notice, Read, joined
from utils.reading.encodings import decoded
from utils.reading.text import about_bad, markdown_blocks
from utils.text.words import words_of

_NO_TEXT = "//script|//style|//noscript|//template|//head|//nav|//header|//footer|//aside|//form//select"
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_PROSE = frozenset((*_HEADINGS, "p", "td", "th", "dd", "dt", "blockquote", "pre", "figcaption"))
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big br cite code data del dfn em font i img ins kbd label mark q s samp small span strike"
    " strong sub sup time tt u var wbr".split()
)
_MOST_LINKED = 0.5  # the share of a paragraph's letters that are links: menus have more
_LEAST_KEPT = 0.95  # the share of a page's words that an article holds; else not all of it is one


def read_html(path: Path) -> Iterator[Read]:
    """Yield the paragraphs of a web page, without its menus and footers."""
    import trafilatura

    text = decoded(path.read_bytes())
    article = trafilatura.extract(text, output_format="markdown", include_tables=True, include_comments=False) or ""
    whole = "\n\n".join(_paragraphs(_tree(text)))
    if _share(whole, article) < _LEAST_KEPT:
        article = whole
        yield Notice("This page is not only an article, so all of its text was read, without its menus.")
    number = 0
    for block in markdown_blocks(article):
        if isinstance(block, Block) and block.text:
            number += 1
            yield block._replace(unit="paragraph", number=number)
    yield from about_bad(article)


def _tree(text: str) -> Any:
    """Return a page's elements, without those that are no text, or stand on each page of a site."""
    from lxml.html import HTMLParser, fromstring

    tree = fromstring(text.encode(), parser=HTMLParser(encoding="utf-8", huge_tree=True))  # whatever the page says
    for part in tree.xpath(_NO_TEXT):
        if part.getparent() is not None:
            part.drop_tree()
    return tree


def _share(whole: str, article: str) -> float:
    """Return how much of a page's words its article holds."""
    wanted, held = Counter(words_of(whole)), Counter(words_of(article))
    return (wanted & held).total() / wanted.total() if wanted else 1.0


def _paragraphs(tree: Any) -> Iterator[str]:
    """Yield the paragraphs of a page as Markdown: headings with their marks, tables by row."""
    from lxml.etree import iterwalk

    open_blocks, links = [""], 0
    pieces: list[tuple[str, bool]] = []
    walker = iterwalk(tree, events=("start", "end"))
    for event, element in walker:
        tag = element.tag if isinstance(element.tag, str) else ""
        links += (tag == "a") * (1 if event == "start" else -1)
        if tag and tag not in _INLINE:
            yield from _told(pieces, open_blocks[-1])
            pieces = []
            open_blocks.append(tag) if event == "start" else open_blocks.pop()
        if event == "start" and tag == "tr" and element.find(".//table") is None:
            yield joined([" ".join(cell.itertext()) for cell in element if cell.tag in ("td", "th")])
            walker.skip_subtree()
        elif words := (element.text if event == "start" and tag else element.tail if event == "end" else ""):
            pieces.append((words, links > 0))
        if tag == "br":
            pieces.append((" ", False))
    yield from _told(pieces, "")


def _told(pieces: list[tuple[str, bool]], tag: str) -> Iterator[str]:
    """Yield a paragraph from its pieces, each with whether it is a link; none of a menu."""
    text = " ".join("".join(piece for piece, _ in pieces).split())
    linked = sum(len(piece.strip()) for piece, is_link in pieces if is_link)
    if text and (tag in _PROSE or linked <= _MOST_LINKED * len(text)):
        yield "#" * int(tag[1]) + f" {text}" if tag in _HEADINGS else text
