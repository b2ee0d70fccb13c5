"""`.env` as people's editors write it: in any encoding, with lines that say nothing told by their number."""

from contextlib import suppress
from io import StringIO
from pathlib import Path

from dotenv.parser import parse_stream

EnvStamp = tuple[int, int, int]


def env_text(env_file: Path) -> tuple[str, list[str]]:
    """Return what `.env` says, in whichever encoding an editor wrote it, and what is wrong with it."""
    try:
        data = env_file.read_bytes() if env_file.exists() else b""
    except OSError as error:
        return "", [f".env can't be read ({error.strerror}), so nothing of it is used."]
    text, problems = env_lines(data)
    wrong = [binding.original.line for binding in parse_stream(StringIO(text)) if binding.error]
    return text, [*problems, *(f".env, line {line}, is no NAME=value, so it is left out." for line in wrong)]


def env_lines(data: bytes) -> tuple[str, list[str]]:
    """Return the text of a file, and a problem where its encoding had to be guessed."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-32" if data[2:4] == b"\0\0" else "utf-16", "replace"), []
    if b"\0" in data[:2]:  # UTF-16 without a mark: the first letter is one of ASCII
        return data.decode("utf-16-be" if data[:1] == b"\0" else "utf-16-le", "replace"), []
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        told = ".env is not UTF-8, so it was read as Windows-1252. Save it as UTF-8 if something in it looks wrong."
        return data.decode("cp1252", "replace"), [told]


def env_stamp(env_file: Path) -> EnvStamp | None:
    """Return what changes whenever the file does; None while there is none."""
    with suppress(OSError):
        found = env_file.stat()
        return found.st_mtime_ns, found.st_size, found.st_ino
    return None
