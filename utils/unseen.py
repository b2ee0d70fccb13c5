"""A mark that nobody sees, for what a browser hands back as it got it."""

from zlib import crc32

TAGS = 0xE0000  # Unicode's tag characters: ASCII once more, without a look (Unicode 16, chapter 23.9)


def unseen_mark(text: str) -> str:
    """Return characters without a look that differ where texts do."""
    return "".join(chr(TAGS + ord(char)) for char in f"{crc32(text.encode(errors='replace')):08x}")
