"""Assistant: what one is made for, as plain data: its instructions, tools, options and documents.

It is kept as one file that people can read (`model/assistants/file.py`) in a folder (`model/assistants/store.py`).
Whether its tools may run unasked is not part of it: a file that came from elsewhere must not be able to say so.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Any

from model.chat.message_parts import Attachment
from model.chat.serialization import NOT_IN_FILE
from model.errors import FileTooLarge, InputError, UnsupportedFile
from utils.pictures.decode import picture_type
from utils.text.characters import is_emoji

EMOJI = "💬"
MOST_NAME, MOST_ABOUT, MOST_STARTER = 60, 300, 300  # characters
MOST_INSTRUCTIONS = 50_000
MOST_STARTERS, MOST_TOOLS, MOST_DOCUMENTS = 8, 20, 50
MOST_PICTURE_BYTES = 100_000
MEND = "Mend it, and try again."


@dataclass(frozen=True)
class Assistant:
    """One assistant.

    `id` is its file's name without the ending, and stays when the name changes; it is empty until it is saved.
    `tools` are slugs of stages. `picture` is a small picture in base64, shown in place of `emoji`. `documents` name
    files of the attachment store. `asks_first`: no tool runs before the person has allowed it.
    """

    name: str
    instructions: str = field(default="", metadata=NOT_IN_FILE)  # they stand below the keys
    emoji: str = EMOJI
    about: str = ""
    starters: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    provider: str = ""
    model_name: str = ""
    temperature: float | None = None
    max_tokens: int | None = None
    answer_schema: dict[str, Any] = field(default_factory=dict)
    documents: tuple[Attachment, ...] = ()
    picture: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    id: str = field(default="", metadata=NOT_IN_FILE)
    is_shipped: bool = field(default=False, metadata=NOT_IN_FILE)
    asks_first: bool = field(default=True, metadata=NOT_IN_FILE)

    @property
    def picture_data(self) -> bytes:
        """Return the picture's bytes; none where there is no picture."""
        return base64.b64decode(self.picture) if self.picture else b""


def check_assistant(assistant: Assistant) -> None:
    """Refuse an assistant that can't be used. Raises: InputError with one sentence."""
    if not assistant.name:
        raise InputError("An assistant needs a name.", "Give it one.")
    for what, text, most in (
        ("name", assistant.name, MOST_NAME),
        ("description", assistant.about, MOST_ABOUT),
        ("text of the instructions", assistant.instructions, MOST_INSTRUCTIONS),
        *(("starter", starter, MOST_STARTER) for starter in assistant.starters),
        *(("name of a tool", tool, MOST_NAME) for tool in assistant.tools),
        ("name of the model", f"{assistant.provider} {assistant.model_name}", MOST_ABOUT),
    ):
        if len(text) > most:
            raise InputError(f"The {what} is longer than {most:,} characters.", "Make it shorter.")
    _check_counts(assistant)
    _check_options(assistant)
    if not is_emoji(assistant.emoji):
        raise InputError("It needs a single emoji, such as 🎓.", MEND)
    if assistant.picture:
        check_picture(assistant.picture)


def _check_counts(assistant: Assistant) -> None:
    parts = (assistant.starters, assistant.tools, assistant.documents)
    words, limits = ("starters", "tools", "documents"), (MOST_STARTERS, MOST_TOOLS, MOST_DOCUMENTS)
    for what, given, most in zip(words, parts, limits, strict=True):
        if len(given) > most:
            raise InputError(f"An assistant has up to {most} {what}; this one has {len(given)}.", "Leave some out.")
    if not all(re.fullmatch("[0-9a-f]{64}", document.sha256) for document in assistant.documents):
        raise InputError("A document is not named by its SHA-256.", MEND)


def _check_options(assistant: Assistant) -> None:
    if assistant.temperature is not None and not 0 <= assistant.temperature <= 2:  # refuses NaN, too
        raise InputError("The temperature has to be between 0 and 2.", MEND)
    if assistant.max_tokens is not None and not 1 <= assistant.max_tokens <= 10_000_000:
        raise InputError("The longest answer has to be a number of tokens above 0.", MEND)


def check_picture(picture: str) -> None:
    """Refuse what is no small picture in base64. Raises: FileTooLarge, UnsupportedFile."""
    if len(picture) > MOST_PICTURE_BYTES * 4 / 3 + 4:
        raise FileTooLarge(f"The picture is larger than {MOST_PICTURE_BYTES // 1000} kB.", "Take a smaller one.")
    try:
        data = base64.b64decode(picture, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnsupportedFile("The picture is not written in base64.", MEND) from error
    if picture_type(data) is None:
        raise UnsupportedFile("The picture can't be read.", "Take a PNG, JPEG, GIF or WebP.")
