"""Server-sent events as they go over the wire: https://html.spec.whatwg.org/multipage/server-sent-events.html."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

MOST_LINE_BYTES = 1 << 26
# The standard knows three ends of a line; readers that cut with `str.splitlines` take these for ends, too, and would
# see events of their own in an answer. They mean a new line, or, as the separators of files and records, nothing.
_LINES = str.maketrans({**dict.fromkeys("\v\f\x85\u2028\u2029", "\n"), **dict.fromkeys("\r\x1c\x1d\x1e", None)})


def frame(event: str, data: str) -> bytes:
    """Return one event; without a name it is one that has only data.

    A reader takes one space off behind the colon and puts a line break between the lines, so text arrives as it was,
    but for what some reader takes for the end of a line.
    """
    lines = [f"event: {event}"] if event else []
    lines += [f"data: {line}" for line in data.translate(_LINES).split("\n")]
    # Half of a surrogate pair, which JSON can carry, has no form in UTF-8.
    return ("\n".join(lines) + "\n\n").encode("utf-8", "replace")


class _Lines:
    """Cuts bytes into lines as they come; a line ends with LF, CR or both, wherever the pieces are cut."""

    def __init__(self) -> None:
        self._open: list[bytes] = []  # pieces of the line that has no end yet
        self._size = 0
        self._is_first = True
        self._after_cr = False

    def feed(self, piece: bytes) -> list[bytes]:
        """Return the lines that are whole by now. Raises: ValueError when a line has no end."""
        if self._after_cr and piece.startswith(b"\n"):
            piece = piece[1:]
        self._after_cr = piece.endswith(b"\r")
        lines = piece.splitlines(keepends=True)
        if not lines:
            return []
        if lines[0][-1] not in b"\r\n":
            self._keep(lines[0])
            return []
        lines[0] = b"".join([*self._open, lines[0]])
        self._open, self._size = [], 0
        if lines[-1][-1] not in b"\r\n":
            self._keep(lines.pop())
        if self._is_first:
            self._is_first = False
            lines[0] = lines[0].removeprefix(b"\xef\xbb\xbf")
        return [line.rstrip(b"\r\n") for line in lines]

    def end(self) -> list[bytes]:
        line = b"".join(self._open)
        return [line.removeprefix(b"\xef\xbb\xbf") if self._is_first else line] if line else []

    def _keep(self, part: bytes) -> None:
        self._open.append(part)
        self._size += len(part)
        if self._size > MOST_LINE_BYTES:
            raise ValueError("a line without an end")


@dataclass
class ServerSentEvent:
    """One event: its name, its lines of data, and lines that are none of the standard's fields."""

    name: bytes = b""
    data: list[bytes] = field(default_factory=list)
    strays: list[bytes] = field(default_factory=list)


def read_events(pieces: Iterable[bytes]) -> Iterator[ServerSentEvent | None]:
    """Yield the events of a stream, and None for a piece that ended none, so that whoever waits can look at the clock.

    A byte order mark in front is taken off, comments are left out, and an event that breaks off at the end is given.
    """
    lines, event = _Lines(), ServerSentEvent()
    for piece in pieces:
        has_ended = False
        for line in lines.feed(piece):
            if line:
                _take(line, event)
            elif event.data or event.name or event.strays:
                yield event
                event, has_ended = ServerSentEvent(), True
        if not has_ended:
            yield None
    for line in lines.end():
        _take(line, event)
    if event.data or event.strays:
        yield event


def _take(line: bytes, event: ServerSentEvent) -> None:
    name, _, value = line.partition(b":")
    if name == b"data":
        event.data.append(value.removeprefix(b" "))
    elif name == b"event":
        event.name = value.strip()
    elif name not in (b"", b"id", b"retry"):
        event.strays.append(line)
