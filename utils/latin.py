"""Latin letters that Unicode does not take apart, as those that people type in their place.

NFKD makes e of é; of ł, ø, đ, ı, æ and hundreds more it makes nothing, for they are letters of their own. Their names
tell what they look like: LATIN SMALL LETTER L WITH STROKE.
"""

import re
from functools import cache
from unicodedata import name

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
