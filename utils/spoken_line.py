"""One line of Markdown as a voice should say it: its words, without its marks.

Links are told by their labels, bare addresses by their host, and what is shortened is said in full.
Used by: `utils/spoken.py`.
"""

import html
import re
import unicodedata

_CODE = re.compile(r"(`+)([^`\n]+)\1")
_IMAGE = re.compile(r"!\[([^\][\n]*)\]\([^()\n]*\)")
_LINK = re.compile(r"\[([^\][\n]*)\](?:\([^()\s]*(?:\s+\"[^\"\n]*\")?\)|\[[^\][\n]*\])")
_ADDRESS = re.compile(r"<?\b(?:https?://|www\.)([^\s/<>()\[\]]+)[^\s<>()\[\]]*?(?=[.,;:!?]*(?:[\s<>()\[\]]|$))>?")
_FORMULA = re.compile(r"\$\$[^$\n]+\$\$|\\\([^\n]+?\\\)|\\\[[^\n]+?\\\]|\$(?=[^$\n]*[\\^_=])[^$\s](?:[^$\n]*[^$\s])?\$")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]*>")
_NOTE = re.compile(r"\s?\[\^?\d{1,3}\]")
_MARKS = re.compile(r"\*+|~~|(?<![^\W_])_+|_+(?![^\W_])|\\(?=[!-/:-@\[-`{-~])")
# What the voice would spell, or take for the end of a sentence.
_IN_FULL = (
    (re.compile(r"\be\.\s?g\.,?", re.I), "for example"),
    (re.compile(r"\bi\.\s?e\.,?", re.I), "that is"),
    (re.compile(r"\bvs\.?(?=\s)", re.I), "versus"),
    (re.compile(r"\betc\.", re.I), "et cetera"),
    (re.compile(r"\bapprox\.", re.I), "approximately"),
    (re.compile(r"\s*(?:->|→|⇒|=>)\s*"), " to "),
    (re.compile(r"(?<=\d)\s?×\s?(?=\d)"), " times "),
    (re.compile(r"\s&\s"), " and "),
    (re.compile(r"\s\+\s"), " plus "),
    (re.compile(r"\s=\s"), " equals "),
    (re.compile(r"(?<=\w)/(?=\w)"), " or "),
)
_KEPT_SYMBOLS = frozenset("°©®™%")


def say(line: str) -> str:
    """Return the words of a line, without its Markdown."""
    line = _IMAGE.sub(lambda match: f"picture: {match[1]}" if match[1] else "a picture", line)
    line = _FORMULA.sub("a formula", line)
    line = _LINK.sub(r"\1", line)
    line = _ADDRESS.sub(lambda match: f"a link to {match[1].removeprefix('www.').rstrip('.,;:!?')}", line)
    line = _MARKS.sub("", _NOTE.sub("", _TAG.sub("", _CODE.sub(r"\2", line))))
    line = html.unescape(line)
    for shortened, full in _IN_FULL:
        line = shortened.sub(full, line)
    return " ".join("".join(sign for sign in line if not _is_picture(sign)).split())


def _is_picture(sign: str) -> bool:
    """Tell whether a sign is an emoji, or another that is seen and not said."""
    return unicodedata.category(sign) in ("So", "Sk", "Cf", "Cs", "Co", "Cn", "Cc") and not (
        sign in _KEPT_SYMBOLS or sign.isspace()
    )
