"""Markdown taken apart by markdown-it: CommonMark with tables, strikethrough and formulas. HTML in it is text."""

from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from utils.text.formulas import INLINE, latex_of
from utils.text.markdown_parts import formula_at, pieces, with_bold, without_html

FORMULA = "formula"  # the type of a formula's token, in a line or alone; its content is the source with its marks
_LEADS_OUT = ("http://", "https://", "mailto:")


@cache
def markdown_parser() -> MarkdownIt:
    """Return the parser, not to be changed: a thread may use it while another one does."""
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 40, "xhtmlOut": False})
    parser.enable(["table", "strikethrough"])
    parser.inline.ruler.before("escape", FORMULA, _inline_formula)
    parser.block.ruler.before("fence", FORMULA, _block_formula, {"alt": ["paragraph", "reference", "blockquote"]})
    return parser


def markdown_tokens(text: str) -> list[Token]:
    text = "".join(with_bold(piece) if kind == "text" else piece for _, kind, piece, _ in pieces(text))
    return markdown_parser().parse(text)


def words_of_token(token: Token) -> str:
    """Return what a part of a line says; a picture is its words."""
    if token.type == "image":
        return f"[image: {plain_line(token) or token.attrGet('src') or ''}]"
    if token.type == "text":
        return without_html(token.content, "\n")
    return "\n" if token.type == "hardbreak" else " " if token.type == "softbreak" else token.content


def plain_line(token: Token) -> str:
    """Return a line's text without how it looks."""
    return "".join(words_of_token(child) for child in token.children or [])


def target_of(link: Token) -> str:
    """Return where a link leads, if that is the web or mail; else ""."""
    target = str(link.attrGet("href") or "")
    return target if target.lower().startswith(_LEADS_OUT) else ""


def _inline_formula(state: StateInline, silent: bool) -> bool:
    """Take a formula in a line, before its backslashes are read as escapes."""
    found = INLINE.match(state.src, state.pos) if state.src[state.pos] in "$\\" else None
    if not found or not latex_of(found[0])[0]:
        return False
    if not silent:
        state.push(FORMULA, "", 0).content = found[0]
    state.pos = found.end()
    return True


def _block_formula(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Take a formula that begins a line and ends one."""
    begin = state.bMarks[start] + state.tShift[start]
    found = formula_at(state.src, begin) if state.src[begin : begin + 1] in ("$", "\\") else None
    lines = found[0].rstrip("\n").count("\n") + 1 if found else 0
    if not found or found["open"] is not None or start + lines > end or not found["body"].strip():
        return False
    if not silent:
        state.line = start + lines
        state.push(FORMULA, "", 0).content = f"$${found['body'].strip()}$$"
    return True
