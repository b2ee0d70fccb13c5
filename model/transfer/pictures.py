"""The pictures of a message, whatever put them there: attached, made, drawn, or plotted by code.

Attached ones stand in `attachments`; what tools have made stands in their steps' details, as a row with the SHA-256,
wherever in there. So no tool is known here, and no store: whoever exports hands in what reads a file.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from model.chat.message import Message
from model.errors import BnaError
from utils.files.unreadable import Unreadable
from utils.pictures.decode import picture_type, prepared
from utils.pictures.svg_clean import clean_svg

SVG = "image/svg+xml"
MAX_ABOUT_CHARS = 200
FileReader = Callable[[str], bytes]  # the bytes of a file by its SHA-256; raises BnaError or OSError


@dataclass(frozen=True)
class PictureFile:
    """One picture of a message; `about` is what was asked for, of one that was made."""

    sha256: str
    name: str
    media_type: str
    about: str = ""

    @property
    def caption(self) -> str:
        """Return its name and what it is of, on one line."""
        about = " ".join(self.about.split())
        about = about if len(about) <= MAX_ABOUT_CHARS else f"{about[: MAX_ABOUT_CHARS - 1]}…"
        return " · ".join(filter(None, (" ".join(self.name.split()), about)))


@dataclass(frozen=True)
class PictureBytes:
    """A picture that can be drawn: of a kind that browsers know, or a drawing that was cleaned."""

    data: bytes
    media_type: str


def pictures_of_message(message: Message) -> list[PictureFile]:
    """Return a message's pictures in the order in which they came, each once."""
    attached = [
        PictureFile(file.sha256, file.name, file.media_type)
        for file in message.attachments
        if file.is_picture or file.media_type.startswith("image/")
    ]
    made = [picture for step in message.tool_steps for picture in _made(step.details)]
    found: dict[str, PictureFile] = {}
    for picture in [*attached, *made]:
        found.setdefault(picture.sha256, picture)
    return list(found.values())


def has_pictures(messages: list[Message]) -> bool:
    return any(pictures_of_message(message) for message in messages)


def _made(details: Any) -> Iterator[PictureFile]:
    """Yield the pictures that a tool's step tells of, wherever they stand in its details."""
    if isinstance(details, dict):
        sha256, name, kind = details.get("sha256"), details.get("name"), details.get("media_type")
        if isinstance(sha256, str) and isinstance(kind, str) and kind.startswith("image/"):
            about = details.get("prompt")
            yield PictureFile(sha256, str(name or "picture"), kind, about if isinstance(about, str) else "")
    parts = details.values() if isinstance(details, dict) else details if isinstance(details, list) else ()
    for part in parts:
        yield from _made(part)


def read_picture(picture: PictureFile, read: FileReader) -> PictureBytes:
    """Return a picture's bytes; what it is, only its bytes say.

    Raises: ValueError, with one sentence, when it is gone, is none, or can't be drawn.
    """
    try:
        data = read(picture.sha256)
        if picture.media_type == SVG:
            return PictureBytes(clean_svg(data.decode("utf-8", "replace")).svg.encode(), SVG)
        if media_type := picture_type(data):
            return PictureBytes(data, media_type)
        made = prepared(data)
        return PictureBytes(made.data, made.media_type)
    except Unreadable as error:
        raise ValueError(f"It {error.reason}.") from error
    except (BnaError, OSError) as error:
        raise ValueError("The file is no longer there.") from error


def nothing_kept(sha256: str) -> bytes:
    """Read no file; for who has none at hand. Raises: FileNotFoundError."""
    raise FileNotFoundError(sha256)
