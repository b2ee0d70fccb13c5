"""What a fetched page says: its title and its text, without menus and what is hidden.

The bytes come from strangers: they may name a wrong charset, or be built to keep a parser busy for minutes.
"""

import codecs
from dataclasses import dataclass
from html import unescape
from typing import Any

import regex as re  # Python 3.11.2, which Debian 12 has, matches possessive repetitions wrongly

from utils.net.safe_fetch import Fetched

HTML_LIMIT_CHARS = 1_000_000
TAG_LIMIT_CHARS = 4000  # the parser takes quadratic time for a tag with many attributes
# Text encodings that Python knows and no page uses, some of them slow, are left out.
_CHARSETS = re.compile(r"utf|ascii|iso|latin|cp|koi|kz|mac|gb|hz|big5|shift|euc|johab|tis|ptcp")
_META_CHARSET = re.compile(rb"""<meta[^<>]{0,200}?charset\s*=\s*["']?\s*([\w-]{1,40})""", re.I)
_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# Every repetition is possessive, and what is never closed reaches to the end: that keeps the time linear.
_MARKUP = re.compile(
    r"""<!--(?:[^-]++|-(?!->))*+(?:-->)?
|<(?P<raw>script|style|noscript|template|svg)\b(?:[^<]++|<(?!/(?P=raw)\b))*+(?:</(?P=raw)[^>]*+>)?
|(?P<tag><[a-z](?:[^>"'=]++|=\s*+(?:"[^"]*+"?|'[^']*+'?)?|["'])*+>?)""",
    re.I | re.X,
)
# Hidden by the page itself; what a style sheet hides, or white on white, is not found.
_STYLE = "translate(@style, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ ', 'abcdefghijklmnopqrstuvwxyz')"
_HIDDEN = (
    "//*[@hidden or @aria-hidden='true'"
    f" or contains({_STYLE}, 'display:none') or contains({_STYLE}, 'visibility:hidden')]"
)


@dataclass(frozen=True)
class PageText:
    """A title, empty where the page has none, and a text with one paragraph in each line."""

    title: str
    text: str


def page_text(page: Fetched) -> PageText:
    """Return what a page says. Raises: ValueError when it says nothing that can be read."""
    text = decoded(page.data, page.charset)
    if "html" in page.media_type or re.match(r"\s*(<!doctype html|<html)", text, re.I):
        found = _of_html(text)
    elif "xml" in page.media_type:
        found = PageText("", _without_tags(text))
    else:
        found = PageText("", text)
    if not found.text.strip():
        raise ValueError("There is no text on this page; it may need a browser that runs its programs.")
    return found


def decoded(data: bytes, charset: str) -> str:
    """Return bytes as text: by their mark, as was said, as UTF-8, or as Windows wrote, whichever fits first."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    in_page = _META_CHARSET.search(data[:2048])
    for named in (charset, in_page[1].decode("ascii") if in_page else "", "utf-8"):
        if (text := _decoded_as(data, named)) is not None:
            return text
    return data.decode("cp1252", "replace")


def _decoded_as(data: bytes, charset: str) -> str | None:
    try:
        name = codecs.lookup(charset).name
        if not _CHARSETS.match(name) or name == "utf-7":
            return None
        # Who says Latin-1 means Windows' extension of it, as all browsers know. Incremental, because the last character
        # may have been cut.
        return codecs.getincrementaldecoder("cp1252" if name == "iso8859-1" else name)().decode(data)
    except (LookupError, ValueError):
        return None


def _of_html(html: str) -> PageText:
    # Imported here: it takes 80 ms and 25 MB, and only those who read pages need it.
    import trafilatura

    html = _MARKUP.sub(_kept, html)[:HTML_LIMIT_CHARS]
    try:
        return _of_tree(trafilatura.load_html(html), html)
    except Exception as error:
        # Parsers of what strangers wrote find ever new ways to fail.
        raise ValueError("This page is built in a way that can't be read here.") from error


def _of_tree(tree: Any, html: str) -> PageText:
    import trafilatura

    if tree is None:
        return PageText("", _without_tags(html))
    title = " ".join((tree.findtext(".//title") or tree.findtext(".//h1") or "").split())
    for element in tree.xpath(_HIDDEN):
        element.drop_tree()
    rest = " ".join(tree.itertext())  # before `extract`, which takes the tree apart
    return PageText(title, trafilatura.extract(tree, include_comments=False) or rest)


def _without_tags(text: str) -> str:
    return unescape(re.sub(r"<!\[CDATA\[|\]\]>|<[^<>]{0,4000}>", " ", text))


def _kept(markup: re.Match[str]) -> str:
    """Keep a tag of a usual length; a space for the rest, so that what stood around it makes no new tag."""
    tag = markup["tag"]
    return tag if tag and len(tag) <= TAG_LIMIT_CHARS else " "
