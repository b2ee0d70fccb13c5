"""Any text made literal for Streamlit's labels and ``st.markdown``: no mark, directive, emoji or formula is left in it.

Used by: `utils/markdown.py`, which escapes some of it in a model's text.
"""

from collections.abc import Callable

import regex as re  # Python 3.11.2, which Debian 12 has, matches possessive repetitions wrongly

from utils.combining import capped

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
