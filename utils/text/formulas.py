r"""Formulas in Markdown: where they stand, and their LaTeX."""

import regex as re  # Python 3.11.2, which Debian 12 has, matches possessive repetitions wrongly

from utils.text.markdown_parts import pieces

# \(..\) and \[..\] on one line, and dollars around what is no price.
BRACKETS = r"\\\((?:[^\\`$\n]|\\[^()\n])++\\\)|\\\[(?:[^\\`$\n]|\\[^][\n])++\\\]"
DOLLARS = r"""(?<!\$)(?:\$\$(?![\s$])[^$`\n]++(?<!\s)\$\$(?!\$)|(?<!\w)\$(?![\s$])(?:(?=[^$`\n]*[\\^_={}])[^$`\n]++
    |(?:[^\s$`A-Za-z]|[A-Za-z]{1,3}(?![A-Za-z]))++(?=\$)
    |(?:[^$`\nA-Za-z]|(?:[A-Za-z]|log|ln|sin|cos|tan|exp|max|min|mod)(?![A-Za-z]))++)(?<![\s\\])\$(?![\w${]))"""
INLINE = re.compile(f"{BRACKETS}|{DOLLARS}", re.X)
_CODE = r"(?<!`)(?P<fence>`++)(?:[^`\n]++|(?!(?P=fence)(?!`))`++)*+(?P=fence)(?!`)"
_NOT_IN_CODE = re.compile(f"{_CODE}|(?P<formula>{BRACKETS}|{DOLLARS})", re.X)


def latex_of(source: str) -> tuple[str, bool]:
    r"""Return the LaTeX between a formula's marks, and whether it stands in a line of text.

    An escaped bracket, as in ``\[1\]``, is none: then the LaTeX is empty.
    """
    width = 1 if source.startswith("$") and not source.startswith("$$") else 2
    body = source[width:-width].strip()
    if source.startswith("\\[") and not re.search(r"[\\^_=]", body):
        body = ""
    return body, source.startswith(("\\(", "$")) and not source.startswith("$$")


MAX_CHARS, MAX_DEPTH = 600, 20  # of a formula that is drawn; a longer or deeper one could keep what draws it busy


def is_simple(latex: str) -> bool:
    """Return whether a formula is short, and its braces flat enough, to be drawn."""
    depth = deepest = 0
    for char in latex:
        depth += (char == "{") - (char == "}")
        deepest = max(deepest, depth)
    return len(latex) <= MAX_CHARS and deepest <= MAX_DEPTH


_CHEMISTRY = re.compile(r"\\ce\{((?:[^{}]|\{[^{}]*\})*+)\}")
_ARROWS = {"<=>": r"\rightleftharpoons ", "<->": r"\leftrightarrow ", "->": r"\rightarrow ", "<-": r"\leftarrow "}
_ATOMS = re.compile(
    r"<=>|<->|->|<-|\^\{?(?P<charge>[^{}\s]+)\}?|(?<=[A-Za-z)\]])_?\{?(?P<count>\d+)\}?|(?<=[\w)\]])(?P<sign>[+-])(?!\S)"
)


def without_chemistry(latex: str) -> str:
    r"""Return LaTeX in which ``\ce{SO4^2-}``, which nothing here can draw, is written with what can be drawn."""
    return _CHEMISTRY.sub(lambda found: rf"\mathrm{{{_ATOMS.sub(_atom, found[1])}}}", latex)


def _atom(found: re.Match[str]) -> str:
    if found["count"]:
        return f"_{{{found['count']}}}"
    high = found["charge"] or found["sign"]
    return f"^{{{high}}}" if high else _ARROWS[found[0]]


def as_source(text: str) -> str:
    """Return Markdown in which formulas show as the LaTeX that they are, with every backslash."""
    return "".join(
        _escaped(piece)
        if kind == "maths"
        else _NOT_IN_CODE.sub(_shown, piece, concurrent=False)
        if kind == "text"
        else piece
        for _, kind, piece, _ in pieces(text)
    )


def _shown(found: re.Match[str]) -> str:
    return found[0] if found["formula"] is None else _escaped(found[0])


def _escaped(formula: str) -> str:
    return re.sub(r"[!-/:-@\[-`{-~]", r"\\\g<0>", formula)
