r"""What a model wrote, made safe and right for ``st.markdown``.

Covered, outside code: prices are no maths, ``\(..\)``, ``\[..\]`` and ``\begin{align}`` are; images become links, so
that no reply makes the browser ask another host; HTML, Streamlit's directives and shortcodes are shown as written, but
for line breaks and small letters; one tilde strikes nothing through; bold holds beside eastern punctuation; links lead
to the web or to mail. In code, a diagram (``mermaid``) shows its source, since drawing it fetches the images it names;
and where it is not certain that it is code, a ``![`` that might be an image is parted into ``! [``.

Not covered: code spans over several lines; fences in quotes and lists and indented code are told by their looks;
``:material/`` in code, which Streamlit 1.67 itself spoils; arrows (``->``), which it draws; what a clicked link leads
to; names looked up before a click (send ``X-DNS-Prefetch-Control: off``).
"""

import html
import textwrap
from collections.abc import Callable

import regex as re  # Python 3.11.2, which Debian 12 has, matches possessive repetitions wrongly

from utils.text.characters import capped
from utils.text.formulas import BRACKETS, DOLLARS, without_chemistry
from utils.text.markdown_parts import (
    COLONS,
    GLUE,
    HTML,
    REWRITES,
    blocks,
    escape,
    formula_at,
    pieces,
    plain,
    said,
    settled,
    with_bold,
)

__all__ = ["blocks", "for_display", "plain", "settled"]

# Every repetition is possessive, or ends where the next one could begin: that keeps the time linear.
_TOKEN = re.compile(
    r"""(?=[`\\$<hw[\]!:/~])(?:
 (?P<code>(?<!`)(`++)(?:[^`\n]++|(?!\2(?!`))`++)*+\2(?!`))
|(?P<brackets>"""
    + BRACKETS
    + ")|(?P<maths>"
    + DOLLARS
    + r""")
|(?P<keep>\\[!-/:-@\[-`{-~]|<(?:https?://|mailto:)[^][\s<>`!]*+>|<[\w.+-]++@[\w.-]++>
    |(?:https?://|www\.)(?:[^][\s<>`!|]|!(?![!\[]))*+)
|(?P<html>"""
    + HTML
    + r""")
|(?P<label>\[!\[[^][`\n]*+\]\([^][()\s`]*+\)(?=\]\()|!\[[^][`\n]*+\]\([ \t]*+<?(?i:data):[^()\n]*+\))
|(?P<image>!++\[(?=(?P<simple>[^][`\n]*+\]\()?))
|(?P<target>\](?:\((?=[ \t]*+$)|\([ \t]*+<?(?P<link>(?:[^\s<>()`!]|!(?![!\[]))*+)
    |(?=:[ \t]*+<?(?P<definition>[^][\s<>()`]++))))
|"""
    + COLONS
    + r"|`++|~{3,}+|(?<!~)~(?!~)|\$++|<(?=[A-Za-z/!?])))",
    re.X,
)
_LEAF = re.compile(r"\A([\s>*+\-\d.)]*+):(?=:+[^\W_])")
_DOUBT = re.compile(r"[][<|${\\]|://|www\.")


def for_display(text: str) -> str:
    """Turn what a model wrote into Markdown that ``st.markdown`` draws as it was meant, without asking other hosts."""
    # st.markdown does the same: lines must not move after they have been judged.
    text = textwrap.dedent(capped(text).replace("\r\n", "\n").replace("\r", "\n")).strip()
    # Before its last link or definition, a text that is not surely code may hold an image.
    last = len(text) if "]:" in text else text.rfind("](")
    certain, doubt, drawn = True, False, []
    for at, kind, piece, _ in pieces(text):
        # A fence with something before it may be the end of another one: from there on, nothing is surely code.
        certain = certain and (kind not in ("fence", "maths") or piece[0] in "`~$\\")
        if kind in ("fence", "indented"):
            drawn.append(_code(piece, sure=certain and kind == "fence", risky=at < last))
        elif kind == "maths":
            formula = formula_at(piece)
            drawn.append(_inert(formula.expand(r"\1$$\n\1\g<body>\g<stop>\n\1$$\n")) if formula else piece)
        else:
            drawn.append(_line(piece, doubt, risky=at < last))
        # A link's title, begun on an earlier line, may have swallowed a backtick.
        doubt = kind != "blank" and (doubt or "](" in piece or "]:" in piece)
    return "".join(drawn).rstrip("\n")


def _code(code: str, sure: bool, risky: bool) -> str:
    code = re.sub(r"(`{3,}+|~{3,}+)([^\n]*+)", _source, code, count=1 if sure else 0)
    return code.replace("![", "! [") if risky and not sure else code


def _source(fence: re.Match[str]) -> str:
    return fence[1] + "text" if "mermaid" in _decoded(fence[2]).lower() else fence[0]


def _line(line: str, doubt: bool, risky: bool) -> str:
    def rewrite(match: re.Match[str]) -> str:
        if match.lastgroup != "code":
            return _rewrite(match)
        start = match.start()
        unsure = doubt or "|" in match[0] or start > 4000 or _DOUBT.search(match.string, 0, start)
        return match[0].replace("![", "! [") if risky and "![" in match[0] and unsure else match[0]

    leaf = _LEAF.sub(r"\1\\:", with_bold(line), concurrent=False)
    return _TOKEN.sub(rewrite, leaf, concurrent=False)


def _rewrite(match: re.Match[str]) -> str:
    return _REWRITES[match.lastgroup or ""](match)


def _brackets(formula: re.Match[str]) -> str:
    r"""Turn ``\(..\)`` and ``\[..\]`` into maths, but not an escaped ``\[1\]``."""
    mark, body = ("$" if formula[0][1] == "(" else "$$"), formula[0][2:-2].strip()
    if body and (mark == "$" or re.search(r"[\\^_=]", body)):
        return mark + _inert(body) + mark
    return formula[0][:2] + _TOKEN.sub(_rewrite, formula[0][2:])


def _html(tag: re.Match[str]) -> str:
    """Break the line, or put a space where that would end a row of a table or a heading; write small letters small."""
    is_row = "|" in tag.string or tag.string.lstrip().startswith("#")
    meant = said(tag, " " if is_row else f"\\\n{GLUE}")
    return f"\\{meant}" if meant.startswith("_") else meant


def _target(link: re.Match[str]) -> str:
    """Leave a link that leads to the web, to mail or to a place nearby; show any other as text."""
    target = link["link"] if link["link"] is not None else link["definition"]
    scheme = re.match(r"([A-Za-z][\w+.-]*):", re.sub(r"[\x00-\x20\x7f-\x9f]", "", _decoded(target or "file:")))
    safe = target == "" or not scheme or scheme[1].lower() in ("http", "https", "mailto")
    return link[0] if safe else "\\" + link[0].replace("<", "\\<")


def _label(image: re.Match[str]) -> str:
    label = plain(image[0].lstrip("[!").split("]")[0])
    return f"[image: {label}" if image[0].startswith("[") else rf"\[image: {label}\]"


def _decoded(source: str) -> str:
    return html.unescape(re.sub(r"\\(?=[!-/:-@\[-`{-~])", "", source))


def _inert(maths: str) -> str:
    """Part in a formula what would be an image or HTML, should it not be taken for a formula."""
    return re.sub(r"!(?=\[)|<(?=[A-Za-z/!?])|:(?=::)", r"\g<0> ", without_chemistry(maths))


_REWRITES: dict[str, Callable[[re.Match[str]], str]] = {
    **REWRITES,
    "brackets": _brackets,
    "maths": lambda match: _inert(match[0]),
    "keep": lambda match: match[0],
    "html": _html,
    "label": _label,
    "image": lambda match: escape(match[0][:-2]) + ("[image: " if match["simple"] is not None else r"\!["),
    "target": _target,
}
