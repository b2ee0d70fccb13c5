"""Server-sent events as they go over the wire: https://html.spec.whatwg.org/multipage/server-sent-events.html."""


def frame(event: str, data: str) -> bytes:
    """Return one event; without a name it is one that has only data.

    A reader takes one space off behind the colon and puts a line break between the lines, so text arrives as it was,
    but for carriage returns: to a reader they would be line breaks too, so they are left out.
    """
    lines = [f"event: {event}"] if event else []
    lines += [f"data: {line}" for line in data.replace("\r", "").split("\n")]
    # Half of a surrogate pair, which JSON can carry, has no form in UTF-8.
    return ("\n".join(lines) + "\n\n").encode("utf-8", "replace")
