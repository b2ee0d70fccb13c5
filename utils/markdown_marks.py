"""Marks that models write all the time and Markdown does not read as they were meant.

Bold beside the punctuation of Chinese, Japanese and Korean, which CommonMark leaves as asterisks; and of HTML what can
be said without it: ``<br>``, ``<sub>`` and ``<sup>``. Used by: `utils/markdown.py`, `utils/pdf_markdown.py`.
Source: https://spec.commonmark.org/0.31.2/#emphasis-and-strong-emphasis, and commonmark-spec issue 650.
"""

import regex as re  # Python 3.11.2, which Debian 12 has, matches possessive repetitions wrongly

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
    """Return a line with a word joiner in these places."""
    edges = [0, *sorted(places), len(line)]
    return GLUE.join(line[begin:end] for begin, end in zip(edges, edges[1:], strict=False))
