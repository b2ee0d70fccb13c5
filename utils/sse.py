"""Server-sent events as they go over the wire: https://html.spec.whatwg.org/multipage/server-sent-events.html."""

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
