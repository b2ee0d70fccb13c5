"""An assistant as one file that people read and edit: its instructions, with the rest on top of them.

A file may come from anywhere: what does not fit is told in one sentence, and unknown keys are kept.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from model.assistants.assistant import Assistant, check
from model.chat.message_parts import Attachment
from model.chat.serialization import from_rows, to_row
from model.errors import FileTooLarge, InputError, UnsupportedFile
from model.json_mode.answer_schema import is_usable
from utils.files import front_matter
from utils.text.characters import one_line

MAX_BYTES = 256_000
ENDING = ".md"
MEND = "Mend the file, or ask whoever made it."

_TEXT, _TEXTS, _WHOLE, _NUMBER, _OBJECT = "a text", "a list of texts", "a whole number", "a number", "an object"
_ROWS = "a list of files"
KINDS: dict[str, str] = {
    "name": _TEXT,
    "emoji": _TEXT,
    "about": _TEXT,
    "starters": _TEXTS,
    "tools": _TEXTS,
    "provider": _TEXT,
    "model_name": _TEXT,
    "temperature": _NUMBER,
    "max_tokens": _WHOLE,
    "answer_schema": _OBJECT,
    "documents": _ROWS,
    "picture": _TEXT,
}


def to_text(assistant: Assistant) -> str:
    """Return an assistant's file: what is left at its default is not written down."""
    defaults = Assistant("")
    values = {key: getattr(assistant, key) for key in KINDS if getattr(assistant, key) != getattr(defaults, key)}
    if assistant.documents:
        values["documents"] = [to_row(document) for document in assistant.documents]
    extra = {key: value for key, value in assistant.extra.items() if key not in KINDS}
    return front_matter.join(values | extra, assistant.instructions)


def from_bytes(data: bytes) -> Assistant:
    """Return the assistant that a file tells. Raises: InputError, with one sentence."""
    if len(data) > MAX_BYTES:
        raise FileTooLarge(f"The file is larger than {MAX_BYTES // 1000} kB.", "An assistant's file is a short text.")
    try:
        values, instructions = front_matter.split(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UnsupportedFile("The file is no text in UTF-8.", MEND) from error
    except ValueError as error:
        raise UnsupportedFile(f"This is no file of an assistant. {error}", MEND) from error
    known = {key: _checked(key, value) for key, value in values.items() if key in KINDS}
    extra = {key: value for key, value in values.items() if key not in KINDS}
    return tidy(Assistant(**{"name": "", **known}, instructions=instructions, extra=extra))


def tidy(assistant: Assistant) -> Assistant:
    """Return an assistant with its texts as they are shown, once it is clear that it can be used.

    Raises: InputError.
    """
    _check_writable(assistant)
    check(
        tidied := replace(
            assistant,
            name=one_line(assistant.name),
            emoji=assistant.emoji.strip(),
            about=one_line(assistant.about),
            instructions=assistant.instructions.replace("\r\n", "\n").replace("\r", "\n").strip(),
            starters=tuple(filter(None, map(one_line, assistant.starters))),
            tools=tuple(dict.fromkeys(assistant.tools)),
        )
    )
    if tidied.answer_schema and not is_usable(tidied.answer_schema):
        raise InputError("The JSON Schema of the answers can't be used.", MEND)
    return tidied


def _check_writable(assistant: Assistant) -> None:
    """Refuse what no file can hold. Raises: InputError."""
    try:
        size_bytes = len(to_text(assistant).encode())
    except (UnicodeEncodeError, RecursionError) as error:
        raise InputError("It holds characters that are half of one.", MEND) from error
    if size_bytes > MAX_BYTES:
        raise FileTooLarge(f"It is larger than {MAX_BYTES // 1000} kB.", "Shorten the instructions or the schema.")


def _checked(key: str, value: Any) -> Any:
    """Return a value as the assistant holds it. Raises: InputError when it is of another kind."""
    kind = KINDS[key]
    if kind == _ROWS:
        return _documents(value)
    if not _fits(value, kind):
        raise InputError(f"“{key}” has to be {kind}.", MEND)
    return tuple(value) if kind == _TEXTS else value


def _fits(value: Any, kind: str) -> bool:
    kinds: Mapping[str, tuple[type, ...]] = {
        _TEXT: (str,),
        _WHOLE: (int,),
        _NUMBER: (int, float),
        _OBJECT: (dict,),
        _TEXTS: (list,),
    }
    is_one = type(value) in kinds[kind]
    return is_one and (kind != _TEXTS or all(type(each) is str for each in value))


def _documents(value: Any) -> tuple[Attachment, ...]:
    """Return the documents that a file names. Raises: InputError."""
    try:
        return tuple(from_rows(Attachment, value))
    except ValueError as error:
        raise InputError(f"“documents” has to be {_ROWS}.", MEND) from error
