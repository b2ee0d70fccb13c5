"""Characters that come in halves: JSON that was cut within an emoji carries half a surrogate pair, or half its bytes.

Bytes that are no UTF-8 are told as PEP 383 tells them (`surrogateescape`), so both kinds are joined in the same way.
"""

import re

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
