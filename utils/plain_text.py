"""Markdown as plain text, for one line in a list: a title, or the words around what was sought.

Every word stays but the addresses of links, and code stays as it is. It leaves out what a voice needs: that is
`utils/spoken.py`.
"""

import re

_BLOCK = re.compile(r"^[ \t>]*(`{3,}|~{3,})[^\n]*\n?(.*?)(?:^[ \t>]*\1[^\n]*$|\Z)", re.MULTILINE | re.DOTALL)
_RULER = re.compile(r"^[-*_=|: \t]{3,}$", re.MULTILINE)
_LINE_BEGIN = re.compile(r"^[ \t]*(?:>[ \t]?)*(?:#{1,6}[ \t]+|[-*+][ \t]+(?:\[[ xX]\][ \t]+)?)?", re.MULTILINE)
_ROW = re.compile(r"^\|.*$", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\((?:[^()\s]|\([^()\s]*\))*(?:[ \t]+\"[^\"\n]*\")?\)")
_BREAK = re.compile(r"<br[ \t]*/?>", re.IGNORECASE)
_STARS = r"\*{2,3}|(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)"
_LINES = r"(?<!\w)_{1,3}(?=\w)|(?<=[^\W_])_{1,3}(?!\w)"
_MARKS = re.compile(rf"(?<!\\)(?:{_STARS}|{_LINES}|~~|`+)")
_ESCAPE = re.compile(r"\\([*_`#\[\]~>|])")


def plain_text(markdown: str) -> str:
    """Return a text without the marks of Markdown, its lines as they were."""
    parts, end = [], 0
    for block in _BLOCK.finditer(markdown):
        parts += [_plain(markdown[end : block.start()]), block[2]]
        end = block.end()
    return "".join([*parts, _plain(markdown[end:])])


def without_code(markdown: str) -> str:
    """Return a text without its blocks of code; as it is where there is nothing else."""
    rest = _BLOCK.sub("", markdown)
    return rest if rest.strip() else markdown


def _plain(text: str) -> str:
    """Return prose without marks."""
    text = _LINE_BEGIN.sub("", _RULER.sub("", text))
    text = _ROW.sub(lambda row: row[0].replace("|", " "), text)
    text = _BREAK.sub(" ", _LINK.sub(r"\1", text))
    return _ESCAPE.sub(r"\1", _MARKS.sub("", text))
