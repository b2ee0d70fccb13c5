"""File names made from any text, for any system: no paths, no reserved names, no hidden files, none twice.

It leaves out what goes into the files.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Container
from typing import TypeVar

Name = TypeVar("Name")

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


def first_free(named: Callable[[int], Name], is_taken: Callable[[Name], bool], number: int = 1) -> Name:
    """Return the first name, of those that `named` makes of this number and those behind it, that is not taken."""
    while is_taken(name := named(number)):
        number += 1
    return name


def numbered_name(name: str, taken: Container[str]) -> str:
    """Return the name, with the next free number behind it when it is taken: after "X (2)" comes "X (3)"."""
    if name not in taken:
        return name
    numbered = _NUMBERED.fullmatch(name)
    base, number = (numbered[1], int(numbered[2])) if numbered else (name, 1)
    return first_free(lambda number: f"{base} ({number})", taken.__contains__, number + 1)


def free_file_name(text: str, ending: str, taken: Collection[str]) -> str:
    """Return a safe name with an ending; it has a number when `taken` holds it, in whatever capitals."""
    stem, known = safe_name(text), {name.casefold() for name in taken}
    return first_free(
        lambda number: f"{stem} ({number}){ending}" if number > 1 else f"{stem}{ending}",
        lambda name: name.casefold() in known,
    )
