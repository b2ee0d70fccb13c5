"""An assistant as one file that people read and edit: its instructions, with the rest on top of them.

A file may come from anywhere: what does not fit is told in one sentence, and unknown keys are kept.
"""

from dataclasses import replace

from model.assistants.assistant import Assistant, check_assistant
from model.chat.serialization import from_row, keys_of, to_row
from model.errors import FileTooLarge, InputError, UnsupportedFile
from model.json_mode.answer_schema import is_usable
from utils.files import front_matter
from utils.text.characters import one_line

MAX_BYTES = 256_000
ENDING = ".md"
MEND = "Mend the file, or ask whoever made it."

_KINDS = {
    "starters": "a list of texts",
    "tools": "a list of texts",
    "temperature": "a number",
    "max_tokens": "a whole number",
    "answer_schema": "an object",
    "documents": "a list of files",
}  # all others are texts


def to_text(assistant: Assistant) -> str:
    """Return an assistant's file: what is left at its default is not written down."""
    return front_matter.join(to_row(assistant), assistant.instructions)


def from_bytes(data: bytes) -> Assistant:
    """Return the assistant that a file tells. Raises: InputError, with one sentence."""
    if len(data) > MAX_BYTES:
        raise FileTooLarge(f"The file is larger than {MAX_BYTES // 1000} kB.", "An assistant's file is a short text.")
    try:
        values, instructions = front_matter.split(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UnsupportedFile("The file is not UTF-8 text.", MEND) from error
    except ValueError as error:
        raise UnsupportedFile(f"This is not an assistant's file. {error}", MEND) from error
    if not isinstance(values.setdefault("name", ""), str):
        raise InputError("“name” has to be a text.", MEND)
    assistant = from_row(Assistant, values)
    for key in assistant.extra.keys() & keys_of(Assistant):
        raise InputError(f"“{key}” has to be {_KINDS.get(key, 'a text')}.", MEND)
    return tidy(replace(assistant, instructions=instructions))


def tidy(assistant: Assistant) -> Assistant:
    """Return an assistant with its texts as they are shown, once it is clear that it can be used.

    Raises: InputError.
    """
    _check_writable(assistant)
    check_assistant(
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
        raise InputError("It has incomplete characters.", MEND) from error
    if size_bytes > MAX_BYTES:
        raise FileTooLarge(f"It is larger than {MAX_BYTES // 1000} kB.", "Shorten the instructions or the schema.")
