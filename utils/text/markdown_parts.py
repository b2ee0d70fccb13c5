"""A Markdown text cut into lines, fences, formulas and blocks that can be drawn alone, and text made literal.

Told by the looks of a line; what is in doubt is not cut. Mended are bold beside eastern punctuation
(commonmark-spec issue 650), ``<br>``, ``<sub>`` and ``<sup>``. `concurrent=False`: else `regex` lets others run at
each match, and waits a hundred times as long as the match.
"""

from collections.abc import Callable, Iterator

import regex as re  # Python 3.11.2, which Debian 12 has, matches possessive repetitions wrongly

from utils.text.characters import capped

_BLANK = re.compile(r"(?:[ \t\r]*+\n)++|[ \t\r]++\Z")
_LINE = re.compile(r"[^\n]*+\n?")
_ITEM = re.compile(r"[ \t>]*+(?:[-*+]|\d{1,9}[.)])(?:\s|\Z)|\d{1,9}\Z")
_FENCE = re.compile(r"([ \t>]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t][ \t>]*+)*+)(`{3,}+(?![^\n]*`)|~{3,}+)[^\n]*+")
_FORMULA = re.compile(
    r"([ \t]*+)(?:(?P<dollars>\$\$)(?!\$)|\\\[)\s*+(?!\$\$|\\\])"
    r"(?P<body>(?:(?!```|~~~|\n[ \t]*\n)(?:[^\\$]|\\[^][]))*+)"
    r"(?:(?P<open>[\\$]?\Z)|(?(dollars)\$\$|\\\])[ \t]*+(?P<stop>[.,;:]?)[ \t]*+(?:\n|\Z))"
)
_BEGIN = re.compile(r"[ \t]*+\\begin\{([a-zA-Z]++\*?)\}")
# What LaTeX takes for a formula without any mark around it; other environments, such as itemize, are none.
_ENVIRONMENT = re.compile(
    r"([ \t]*+)(?P<body>\\begin\{"
    r"(?P<name>(?:align(?:at|ed)?|equation|gather(?:ed)?|split|array|d?cases|[bBpvV]?matrix)\*?)\}"
    r"(?:(?!```|~~~|\n[ \t]*\n|\\end\{(?P=name)\})[^$]){0,5000}+\\end\{(?P=name)\})[ \t]*+(?P<stop>[.,;:]?)"
    r"[ \t]*+(?:\n|\Z)(?P<open>(?!))?"
)


def formula_at(text: str, at: int = 0) -> "re.Match[str] | None":
    """Return the formula that begins a line there and ends one; with `open` set, one that has no end yet."""
    limit = at + 6000  # not to the end of the text, so that a text with many beginnings takes time in proportion
    begin = _BEGIN.match(text, at, concurrent=False)
    has_end = begin and text.find(f"\\end{{{begin[1]}}}", begin.end(), limit) >= 0
    found = _ENVIRONMENT.match(text, at, limit, concurrent=False) if has_end else None
    return found or _FORMULA.match(text, at, concurrent=False)


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
    formula, line = formula_at(text, at), _LINE.match(text, at, concurrent=False)
    if formula and formula["open"] is None:
        return "maths", formula.end()
    kind = "indented" if may_be_indented and text.startswith(("    ", "\t"), at) else "text"
    return "open" if formula else kind, line.end() if line else len(text)


_GLUE = "\u2060"  # a word joiner: it is not seen, and what it parts is no longer one word
_STYLES = (
    r"(?:(?:red|orange|yellow|green|blue|violet|purple|gr[ae]y|primary|rainbow)(?:-background|-badge)?"
    r"|small|color|help|shimmer)(?![\w-])"
)
# A directive begins with one colon; what looks like :name: may be an emoji, an icon or the logo.
COLONS = rf"""(?P<shortcode>(?<!(?<!\\):)(?::++(?:\d*[A-Za-z][A-Za-z0-9_-]*+|[+-]1|100|1234))+:++)
|(?P<escape>(?<!(?<!\\):):(?=[^\W_][\w-]*+[\[{{]|{_STYLES})|(?<=:material)/"""
_LITERAL = re.compile(
    r"(?P<glue>(?<!\S)(?:<->|->|<-|--|>=|<=|~=)(?!\S)|:(?=//)|[Ww]{3}(?=\.)|(?<=\w)@(?=\w))"
    rf"|(?P<number>\A\d++(?=[.)]))|{COLONS}|\A[-+\#]|[][\\`*_<>&$~|]++)",
    re.X,
)
# What CommonMark and GitHub's tables, strikethrough and formulas take for marks; HTML and its entities.
_MARKS = re.compile(r"[\\`*_<>&\[\]!#~|$]|\A[-+=]|(?<=\A\d{1,9})[.)](?=\s|\Z)")


def plain(text: str) -> str:
    """Escape any text so that labels and ``st.markdown`` show it literally, on one line."""
    line = " ".join(capped(text).split())
    return _LITERAL.sub(lambda match: REWRITES[match.lastgroup or ""](match), line, concurrent=False)


def literal(text: str) -> str:
    """Escape any text so that every reader of Markdown shows it literally, on one line."""
    return _MARKS.sub(r"\\\g<0>", " ".join(text.split()))


def _shortcode(names: re.Match[str]) -> str:
    """Part ``:name:`` by an unknown directive: Streamlit shows it as written, but looks for emojis first."""
    pairs, written = re.findall(r"(:+)([^:]+)", names[0]), ""
    for left, (colons, name) in zip(range(len(pairs), 0, -1), pairs, strict=True):
        glue = _GLUE if name[0] in "+-" or re.fullmatch(_STYLES, name) else ""
        escaped = len(colons) if glue or left % 2 == 0 else len(colons) - 1
        written += r"\:" * escaped + colons[escaped:] + name + glue
    return written + r"\:" * (len(names[0]) - len(names[0].rstrip(":")))


def escape(marks: str) -> str:
    """Put a backslash before every mark."""
    return "".join(mark if mark.isalnum() else "\\" + mark for mark in marks)


REWRITES: dict[str, Callable[[re.Match[str]], str]] = {
    "shortcode": _shortcode,
    "escape": lambda match: escape(match[0]),
    "glue": lambda match: escape(match[0][0]) + _GLUE + escape(match[0][1:]),
    "number": lambda match: match[0] + "\\",
}


GLUE = "\u2060"  # a word joiner: it is not seen, and is neither a space nor punctuation
HTML = r"<(?i:br)[ \t]*+/?>|<(?P<kind>(?i:su[bp]))>(?P<inside>[^][<>`\n$!\\:*_|~&]{1,40}+)</(?i:su[bp])>"
_HTML = re.compile(HTML)
_RUN = re.compile(r"(?<!`)(`++)(?:[^`\n]++|(?!\1(?!`))`++)*+\1(?!`)|\\[!-/:-@\[-`{-~]|(?P<run>\*++)")
_PUNCTUATION = re.compile(r"[\p{P}\p{S}]")
_EAST = re.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Bopomofo}\u3000-\u303f\uff00-\uffef“”‘’…—]")
_PLAIN = "0123456789+-=()aehijklmnoprstuvx"
_LOWERED = str.maketrans(_PLAIN, "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_RAISABLE = "0123456789+-=()abcdefghijklmnoprstuvwxyz"
_RAISED = str.maketrans(_RAISABLE, "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")


def with_bold(line: str) -> str:
    """Return a line of Markdown in which pairs of asterisks beside eastern punctuation are read as a pair."""
    if "*" not in line or line.isascii():
        return line
    opened: dict[int, re.Match[str]] = {}
    places: list[int] = []
    for found in _RUN.finditer(line, concurrent=False):
        if found["run"] is None:
            continue
        before, after = line[found.start() - 1 : found.start()] or " ", line[found.end() : found.end() + 1] or " "
        length = len(found["run"])
        if length in opened and not before.isspace():
            places += _gaps(line, opened.pop(length), found)
        elif not after.isspace():
            opened[length] = found
    return _glued(line, places)


def without_html(text: str, line_break: str) -> str:
    """Return text in which tags for a line break and for small letters are what they mean."""
    return _HTML.sub(lambda tag: said(tag, line_break), text, concurrent=False)


def said(tag: re.Match[str], line_break: str) -> str:
    """Return what a tag means: small letters where Unicode has them, else a sign and brackets."""
    if tag["kind"] is None:
        return line_break
    inside, is_low = tag["inside"].strip(), tag["kind"].lower() == "sub"
    if set(inside) <= set(_PLAIN if is_low else _RAISABLE):
        return inside.translate(_LOWERED if is_low else _RAISED)
    return f"{'_' if is_low else '^'}({inside})"


def _gaps(line: str, opener: re.Match[str], closer: re.Match[str]) -> list[int]:
    """Return where something has to stand so that both of a pair are read as what they are."""
    gaps = []
    outer, inner = line[opener.start() - 1 : opener.start()] or " ", line[opener.end()]
    if _PUNCTUATION.match(inner) and not _is_apart(outer) and _EAST.search(outer + inner):
        gaps.append(opener.end())
    inner, outer = line[closer.start() - 1], line[closer.end() : closer.end() + 1] or " "
    if _PUNCTUATION.match(inner) and not _is_apart(outer) and _EAST.search(outer + inner):
        gaps.append(closer.start())
    return gaps


def _is_apart(char: str) -> bool:
    return char.isspace() or bool(_PUNCTUATION.match(char))


def _glued(line: str, places: list[int]) -> str:
    edges = [0, *sorted(places), len(line)]
    return GLUE.join(line[begin:end] for begin, end in zip(edges, edges[1:], strict=False))
