"""Characters that do harm or need care: long runs of marks on one letter, halves of a pair, Latin letters with strokes.

Thousands of marks on one letter take a browser minutes (UAX 15, section 13, "Stream-Safe Text Format"). NFKD makes
nothing of ł, ø, đ, ı, æ: their Unicode names tell what people type for them.
"""

import re
from functools import cache
from unicodedata import category, name

import regex  # the standard library's knows no categories

MOST_IN_A_ROW = 8  # Hebrew with all its signs has 5, Tibetan 6, the flag of Wales 6
_RUNS = regex.compile(
    rf"([\p{{M}}\p{{Default_Ignorable_Code_Point}}]{{{MOST_IN_A_ROW}}})[\p{{M}}\p{{Default_Ignorable_Code_Point}}]+"
)


def capped(text: str) -> str:
    """Return a text in which no character carries more marks, or unseen characters, than one can."""
    return text if text.isascii() else _RUNS.sub(r"\1", text, concurrent=False)


_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_BYTES = re.compile("[\udc80-\udcff]+")
_HALF = re.compile("[\ud800-\udfff]")
# Half a pair, or the first bytes of a character of two, three or four.
_OPEN = re.compile(
    "(?:[\ud800-\udbff]|[\udcc2-\udcdf]|[\udce0-\udcef][\udc80-\udcbf]?|[\udcf0-\udcf4][\udc80-\udcbf]{0,2})\\Z"
)


class Joiner:
    """Joins the halves of characters across the pieces of a text."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        """Return a piece with what was held before it, without the half that it ends in."""
        if not self._held and (text.isascii() or not _HALF.search(text)):
            return text
        text, self._held = mended(self._held + text, is_whole=False), ""
        if half := _OPEN.search(text):
            self._held, text = half[0], text[: half.start()]
        return mended(text)

    def end(self) -> str:
        """Return what is left of a half whose other half never came."""
        text, self._held = mended(self._held), ""
        return text


def mended(text: str, is_whole: bool = True) -> str:
    """Return a text with its halves joined; what is left over becomes a replacement character."""
    if text.isascii() or not _HALF.search(text):
        return text
    text = _PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)
    if not is_whole:
        return text
    text = _BYTES.sub(lambda run: run[0].encode("utf-8", "surrogateescape").decode("utf-8", "replace"), text)
    return _HALF.sub("\ufffd", text)


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
    text = _LINE_BEGIN.sub("", _RULER.sub("", text))
    text = _ROW.sub(lambda row: row[0].replace("|", " "), text)
    text = _BREAK.sub(" ", _LINK.sub(r"\1", text))
    return _ESCAPE.sub(r"\1", _MARKS.sub("", text))


# Where the name alone does not tell it: as in CLDR's Latin-ASCII (https://cldr.unicode.org/index/cldr-spec).
_NAMED = {
    "ENG": "n",
    "ESH": "s",
    "ETH": "d",
    "EZH": "z",
    "HWAIR": "hv",
    "KRA": "q",
    "SCHWA": "e",
    "THORN": "th",
    "WYNN": "w",
    "YOGH": "g",
}
_BLOCKS = ((0x80, 0x2B0), (0x1D00, 0x1DC0), (0x1E00, 0x1F00), (0x2C60, 0x2C80), (0xA720, 0xA800), (0xAB30, 0xAB70))
_LETTER = re.compile(r"LATIN (?:CAPITAL |SMALL |EPIGRAPHIC )*(?:LETTER|LIGATURE) (.*?)(?: WITH.*| DIGRAPH| ROTUNDA)?$")


def _typed(character: str) -> str:
    """Return what people type for a letter; "" where that is not known."""
    letter = _LETTER.match(name(character, ""))
    last = letter[1].split()[-1] if letter else ""
    return _NAMED.get(last) or (last.lower() if len(last) <= 2 and last.isascii() and last.isalpha() else "")


@cache
def typed_letters() -> dict[int, str]:
    """Return what people type for each letter, in the form that `str.translate` takes."""
    characters = (chr(code) for begin, end in _BLOCKS for code in range(begin, end))
    return str.maketrans({character: typed for character in characters if (typed := _typed(character))})


def is_emoji(text: str) -> bool:
    """Return whether a text is one small picture, and no words or markup."""
    marks = [char for char in text if category(char) in ("So", "Sk")]
    others = [char for char in text if char not in marks and not _joins(char)]
    is_keycap = "\u20e3" in text and len(others) == 1 and others[0] in "0123456789#*"
    return 0 < len(text) <= 12 and (is_keycap or (bool(marks) and not others))


def _joins(char: str) -> bool:
    """Return whether a character changes an emoji: a variation, a joiner, a flag's letter."""
    return char in "\u200d\u20e3" or "\ufe00" <= char <= "\ufe0f" or "\U000e0020" <= char <= "\U000e007f"


def one_line(text: str) -> str:
    """Return a text on one line, without characters that can't be seen or that turn the line around."""
    shown = (" " if category(char) in ("Cc", "Cs", "Zl", "Zp") else char for char in text)
    return " ".join("".join(char for char in shown if char not in _TURNING).split())


_TURNING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
