"""Markdown as HTML that can do nothing: HTML in it is text, a picture its words, a link leads to the web or to mail.

Nothing is fetched, and there is neither a style nor a script nor an event in what comes out.
"""

from collections.abc import Sequence
from functools import cache
from html import escape
from typing import Any

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from utils.text.characters import capped, mended
from utils.text.rendering.mathml import as_mathml
from utils.text.rendering.parser import FORMULA, markdown_parser, markdown_tokens, target_of, words_of_token

_RELATION = 'rel="noreferrer noopener nofollow"'
HEADINGS_BELOW = 2  # what says who wrote a message is an h2: a text's own headings stand below it


def markdown_html(text: str) -> str:
    return _renderer().render(markdown_tokens(shown_html(text)), markdown_parser().options, {})


def text_html(text: str) -> str:
    """Return any text as it shows itself, also between the quotes of an attribute."""
    return escape(shown_html(text))


def shown_html(text: str) -> str:
    """Return a text without what no page may hold: halves of characters, and those that nobody sees in thousands."""
    return "".join(char for char in mended(capped(text)) if char >= " " or char in "\n\t")


def _heading(tokens: Sequence[Token], at: int, *_: Any) -> str:
    token = tokens[at]
    return f"<{_below(token)}>" if token.nesting == 1 else f"</{_below(token)}>\n"


def _link(tokens: Sequence[Token], at: int, *_: Any) -> str:
    target = target_of(tokens[at])
    return f'<a href="{escape(target)}" {_RELATION}>' if target else "<a>"


def _words(tokens: Sequence[Token], at: int, *_: Any) -> str:
    return escape(words_of_token(tokens[at])).replace("\n", "<br>\n")


def _formula(tokens: Sequence[Token], at: int, *_: Any) -> str:
    return as_mathml(tokens[at].content)


def _code(tokens: Sequence[Token], at: int, *_: Any) -> str:
    return f"<pre><code>{escape(tokens[at].content)}</code></pre>\n"


def _table(tokens: Sequence[Token], at: int, *_: Any) -> str:
    return '<div class="table"><table>\n' if tokens[at].nesting == 1 else "</table></div>\n"


def _cell(tokens: Sequence[Token], at: int, *_: Any) -> str:
    """Return how a cell begins: its side by a class, for the page forbids styles in elements."""
    token = tokens[at]
    side = str(token.attrGet("style") or "").removeprefix("text-align:")
    return f'<{token.tag} class="{side}">' if side in ("right", "center") else f"<{token.tag}>"


def _below(token: Token) -> str:
    return f"h{min(6, int(token.tag[1]) + HEADINGS_BELOW)}"


# What is not named here is written by markdown-it, without HTML of the text's own.
_RULES = {
    "heading_open": _heading,
    "heading_close": _heading,
    "link_open": _link,
    "image": _words,
    "text": _words,
    FORMULA: _formula,
    "fence": _code,
    "code_block": _code,
    "table_open": _table,
    "table_close": _table,
    "th_open": _cell,
    "td_open": _cell,
}


@cache
def _renderer() -> RendererHTML:
    renderer = RendererHTML()
    renderer.rules |= _RULES  # type: ignore[arg-type]  # functions do as well as methods
    return renderer
