"""A Markdown text cut where its parts can be drawn alone: into lines, fences, formulas, and into longer blocks.

It is told by the looks of a line, not by a parser: what is in doubt is not cut. References from one block
to another are not followed. Used by: `utils/markdown.py`.

`concurrent=False`: by itself `regex` lets other threads run at each match, and waits for its turn again. With the
thread that sends the page at work, that takes a hundred times as long as the match.
"""

from collections.abc import Iterator

import regex as re  # Python 3.11.2, which Debian 12 has, matches possessive repetitions wrongly

_BLANK = re.compile(r"(?:[ \t\r]*+\n)++|[ \t\r]++\Z")
_LINE = re.compile(r"[^\n]*+\n?")
_ITEM = re.compile(r"[ \t>]*+(?:[-*+]|\d{1,9}[.)])(?:\s|\Z)|\d{1,9}\Z")
_FENCE = re.compile(r"([ \t>]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t][ \t>]*+)*+)(`{3,}+(?![^\n]*`)|~{3,}+)[^\n]*+")
FORMULA = re.compile(
    r"([ \t]*+)(?:(?P<dollars>\$\$)(?!\$)|\\\[)\s*+(?!\$\$|\\\])"
    r"(?P<body>(?:(?!```|~~~|\n[ \t]*\n)(?:[^\\$]|\\[^][]))*+)"
    r"(?:(?P<open>[\\$]?\Z)|(?(dollars)\$\$|\\\])[ \t]*+(?P<stop>[.,;:]?)[ \t]*+(?:\n|\Z))"
)


def settled(text: str, start: int = 0) -> int:
    """Find how far a growing text can be drawn as a block of its own, whatever is still to come.

    With an index that an earlier call returned as ``start``, only what follows it is looked at.
    """
    return max((at for at, _, _, fresh in pieces(text, start) if fresh), default=start)


def blocks(text: str, min_chars: int = 2000) -> list[str]:
    """Cut a text into blocks of at least ``min_chars`` that look the same when each is drawn alone."""
    cuts = [0]
    for at, _, _, fresh in pieces(text):
        if fresh and at - cuts[-1] >= max(min_chars, 1):
            cuts.append(at)
    return [text[cut:end] for cut, end in zip(cuts, [*cuts[1:], len(text)], strict=True)]


def pieces(text: str, at: int = 0) -> Iterator[tuple[int, str, str, bool]]:
    """Yield each line, fence and formula: where, its kind, itself, and whether it stands apart for good."""
    before, listed, decided = "blank", False, True
    while at < len(text):
        kind, end = _piece(text, at, before in ("blank", "indented") and not listed)
        piece = text[at:end]
        item = _ITEM.match(piece, concurrent=False) is not None
        fresh = decided and before == "blank" and not piece[0].isspace() and not (listed and item)
        yield at, kind, piece, fresh
        before, listed, decided, at = kind, item or (listed and not fresh), decided and kind != "open", end


def _piece(text: str, at: int, may_be_indented: bool) -> tuple[str, int]:
    if blank := _BLANK.match(text, at, concurrent=False):
        return "blank", blank.end()
    if fence := _FENCE.match(text, at, concurrent=False):
        before = r"^[ \t>]*" if fence[1] else r"^ {0,3}"
        closing = re.compile(before + rf"{fence[2][0]}{{{len(fence[2])},}}[ \t\r]*(?:\n|\Z)", re.M)
        closed = closing.search(text, fence.end())
        return "fence", closed.end() if closed else len(text)
    formula, line = (form.match(text, at, concurrent=False) for form in (FORMULA, _LINE))
    if formula and formula["open"] is None:
        return "maths", formula.end()
    kind = "indented" if may_be_indented and text.startswith(("    ", "\t"), at) else "text"
    return "open" if formula else kind, line.end() if line else len(text)
