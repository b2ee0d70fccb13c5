"""File names made from any text, for any system: no paths, no reserved names, no hidden files, none twice.

It leaves out what goes into the files.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Container, Iterable
from itertools import chain, count

MAX_BYTES = 120  # systems allow 255 bytes; the rest is for the folder, a number and the ending
# These name devices on Windows, whatever ending follows.
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|\Z)")

_NUMBERED = re.compile(r"(.*\S) \((\d{1,3})\)", re.DOTALL)  # longer ones are years, and the like


def safe_name(text: str) -> str:
    """Return a file name, without an ending, that looks as much like the text as it may."""
    shown = (" " if unicodedata.category(char)[0] in "CZ" else char for char in text)
    name = re.sub(r'[<>:"/\\|?*%]', "-", "".join(shown))
    name = " ".join(name.split()).encode()[:MAX_BYTES].decode(errors="ignore").strip(" .-~")
    return f"{name}-" if _RESERVED.match(name) else name or "conversation"


def slug(text: str, default: str) -> str:
    """Return a short name of plain small letters, digits and hyphens, which every system and address takes."""
    plain = unicodedata.normalize("NFKD", text[:MAX_BYTES]).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain)[:40].strip("-")
    return f"{name}-1" if _RESERVED.match(name) else name or default


def numbered_name(name: str, taken: Container[str]) -> str:
    """Return the name, with the next free number behind it when it is taken: after "X (2)" comes "X (3)"."""
    numbered = _NUMBERED.fullmatch(name)
    base, number = (numbered[1], int(numbered[2])) if numbered else (name, 1)
    return first_free(name, (f"{base} ({number})" for number in count(number + 1)), taken.__contains__)


def free_file_name(text: str, ending: str, taken: Collection[str]) -> str:
    """Return a safe name with an ending; it has a number when `taken` holds it, in whatever capitals."""
    stem = safe_name(text)
    known = {name.casefold() for name in taken}
    numbered = (f"{stem} ({number}){ending}" for number in count(2))
    return first_free(f"{stem}{ending}", numbered, lambda name: name.casefold() in known)


def first_free(first: str, numbered: Iterable[str], is_taken: Callable[[str], bool]) -> str:
    return next(name for name in chain([first], numbered) if not is_taken(name))
