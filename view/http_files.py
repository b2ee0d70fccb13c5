"""Files that come with a request over HTTP: in base64 with their names, or as the pictures of OpenAI's clients.

They are kept as those that are dropped into the box of a page. How much may be sent is what the body's limit allows.
"""

import mimetypes
import re
from base64 import b64decode
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, Field

from controller.picture_intake import keep
from controller.stages import Stage
from model.attachment import Attachment
from model.errors import InputError
from view.parts import Services

MOST_FILES = 20
_DATA_URL = re.compile(r"data:(image/[a-z.+-]+);base64,", re.I)


class SentFile(BaseModel):
    """A file that goes with a question."""

    name: str = Field(max_length=255, examples=["rain.txt"])
    data: str = Field(description="Its bytes in base64.", examples=["V2FybSBhaXIgcmlzZXMu"])


def kept(services: Services, stage: Stage, files: Iterable[SentFile], is_temporary: bool = False) -> list[Attachment]:
    """Keep files, and return what refers to them.

    Raises: InputError, StoreUnwritable.
    """
    ready = [(_name(file), _bytes(file)) for file in files]  # all are looked at before any is kept
    if ready and not stage.has_memory:  # it sends the words of the question, and nothing else
        raise InputError(f"{stage.title} takes no files.", "Name another stage, such as documents or images.")
    store = services.toolbox.attachments
    return [one for name, data in ready for one in keep(store, name, data, is_temporary)]


def pictures_of(parts: Iterable[dict[str, Any]]) -> list[SentFile]:
    """Return the pictures among the parts of a message as OpenAI's clients send them.

    Raises: InputError for one that would have to be fetched: what a client names is not asked for.
    """
    return [_picture(part) for part in parts if part.get("type") == "image_url"]


def _picture(part: dict[str, Any]) -> SentFile:
    named = part.get("image_url")
    url = str(named.get("url") if isinstance(named, dict) else named)
    if not (head := _DATA_URL.match(url)):
        raise InputError("A picture has to come with the request.", "Send it as data:image/png;base64,…")
    return SentFile(name=f"picture{mimetypes.guess_extension(head[1].lower()) or '.png'}", data=url[head.end() :])


def _name(file: SentFile) -> str:
    """Return a file's name, where it is one and no path."""
    if not file.name.strip(" .") or not file.name.isprintable() or set(file.name) & set("/\\"):
        raise InputError("This can't be a file's name.", "Take one such as rain.txt, without a folder.")
    return file.name


def _bytes(file: SentFile) -> bytes:
    try:
        return b64decode(file.data, validate=True)
    except ValueError as error:
        raise InputError(f"The data of “{file.name}” is not base64.", "Encode the file's bytes.") from error
