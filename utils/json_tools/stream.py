"""JSON of any size, read one piece at a time: each element of the outermost list, or each pair of the outermost object.

In memory is one piece, and what was read ahead of it. It uses the standard library's decoder, not a streaming one: that
takes odd numbers (NaN, 1e999) and cut emojis, is as fast, and tells at which piece the damage is. What it can't do is
nesting deeper than Python's recursion limit within one piece.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import IO, Any

PIECE_CHARS = 1 << 20
MAX_PIECE_CHARS = 1 << 27  # without a limit, one quote too many would pull a whole file into memory
NEAR = 8  # characters from the end of what was read: there, what looks damaged may only be cut
_BEHIND = tuple(" \t\r\n,:]}")
_DECODER = json.JSONDecoder(strict=False)
_SPACE = re.compile(r"[ \t\r\n]*")


def members(file: IO[bytes]) -> Iterator[tuple[str | None, Any]]:
    """Yield each key and value of the outermost object, or None and each element of the outermost list.

    Raises: ValueError at the first place that is damaged or nested too deep; what comes before has been yielded.
    """
    text = _Text(file)
    opening = text.mark()
    if opening not in ("[", "{"):
        raise ValueError("neither a list nor an object")
    closing = "]" if opening == "[" else "}"
    if text.peek() == closing:
        return
    mark = ","
    while mark == ",":
        key = text.key() if opening == "{" else None
        yield key, text.value()
        mark = text.mark()
    if mark != closing:
        raise ValueError("it breaks off, or a comma is missing")


class _Text:
    """A file's text, from the place that was reached to the place that was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        head = file.read(4)
        self._decoder = codecs.getincrementaldecoder(json.detect_encoding(head))("replace")
        self._text = self._decoder.decode(head)
        self._at = 0
        self._is_whole = False

    def peek(self) -> str:
        """Return the next character that is no space, and stay before it; "" at the end."""
        while True:
            space = _SPACE.match(self._text, self._at)
            self._at = space.end() if space else self._at
            if self._at < len(self._text) or not self._read_on():
                return self._text[self._at : self._at + 1]

    def mark(self) -> str:
        """Return the next character that is no space, and go behind it; "" at the end."""
        found = self.peek()
        self._at += len(found)
        return found

    def key(self) -> str:
        """Return the next key, and go behind its colon.

        Raises: ValueError when there is none.
        """
        key = self.value()
        if not isinstance(key, str) or self.mark() != ":":
            raise ValueError("a key is missing")
        return key

    def value(self) -> Any:
        """Return the next value, and go behind it.

        Raises: ValueError when it is damaged, cut off, too long or nested too deep.
        """
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
                # Near the end of what was read, a number may go on: 1 may be the beginning of 1.5e10.
                if self._is_whole or self._text[end : end + 1] in _BEHIND or end < len(self._text) - NEAR:
                    self._at = end
                    return value
            except json.JSONDecodeError as error:
                if not self._may_be_cut(error):
                    raise ValueError("it is damaged there") from error
            except RecursionError as error:
                raise ValueError("nested too deep") from error
            if not self._read_on():
                raise ValueError("it breaks off")

    def _may_be_cut(self, error: json.JSONDecodeError) -> bool:
        is_open = error.msg.startswith("Unterminated string") or error.pos >= len(self._text) - NEAR
        return is_open and not self._is_whole and len(self._text) - self._at < MAX_PIECE_CHARS

    def _read_on(self) -> bool:
        """Read more, drop what lies behind, and tell whether there was more."""
        if self._is_whole:
            return False
        # As much again as is held: a long piece is then tried only a few times.
        data = self._file.read(max(PIECE_CHARS, len(self._text) - self._at))
        self._is_whole = not data
        self._text = self._text[self._at :] + self._decoder.decode(data, final=not data)
        self._at = 0
        return True
