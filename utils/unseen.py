"""A mark that nobody sees or hears, for what a browser hands back as it got it."""

from zlib import crc32


def unseen_mark(text: str) -> str:
    """Return white space that differs where texts do.

    At the end of a label a browser draws none of it, and a screen reader says none of it.
    """
    return "".join(" \t"[bit == "1"] for bit in f"{crc32(text.encode(errors='replace')):032b}")
