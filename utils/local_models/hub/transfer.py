"""The bytes of one large file: fetched whole or not at all, stopped at any moment, and gone on with later.

What has come lies in a `.part` file, with what is known of it beside it. It is gone on with by Range and If-Range, so
that a file that has changed meanwhile begins anew; only a file with the right SHA-256 gets its name.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from filelock import FileLock

from utils.files.atomic import write_whole
from utils.local_models.hub.repository import TooManyRequests
from utils.net.client import CancellableClient
from utils.net.proxies import proxy_for
from utils.threads.stop import CancellationToken

READ_TIMEOUT_S = 30.0  # a line that is silent for so long is dead
READ_BYTES = 1 << 18
Told = Callable[[int], None]  # is called with how many bytes there are by now


class WrongFile(ValueError):
    """What came is another file than the one that was promised; it is removed."""


@dataclass(frozen=True)
class FileSource:
    """Where a file is to be had, and how it is known to be right; `headers` go to this address only."""

    address: str
    size_bytes: int
    sha256: str
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class FilePart:
    """What there is of a file, until it is whole."""

    path: Path  # of the whole file

    @property
    def file(self) -> Path:
        return self.path.with_name(f".{self.path.name}.part")

    @property
    def notes(self) -> Path:
        return self.path.with_name(f".{self.path.name}.part.json")

    @property
    def size_bytes(self) -> int:
        """Return how much there is, of the whole file too."""
        found = [path.stat().st_size for path in (self.path, self.file) if path.is_file()]
        return max(found, default=0)

    def etag(self, sha256: str) -> str | None:
        """Return the server's mark for the bytes that are here, "" where it gave none; None for another file's."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            noted = json.loads(self.notes.read_text(encoding="utf-8"))
            return str(noted["etag"]) if noted["sha256"] == sha256 else None
        return None

    def note(self, sha256: str, etag: str) -> None:
        write_whole(self.notes, json.dumps({"sha256": sha256, "etag": etag}).encode())

    def forget(self) -> None:
        """Remove what is left of earlier tries."""
        for path in (self.file, self.notes):
            path.unlink(missing_ok=True)

    def finish(self, sha256: str) -> None:
        """Give the file its name if it is the right one; else remove it. Raises: WrongFile, OSError."""
        with self.file.open("rb+") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        if found != sha256:
            self.forget()
            raise WrongFile(self.path.name)
        self.file.replace(self.path)
        self.forget()


def fetch_file(source: FileSource, path: Path, told: Told, stop: CancellationToken) -> None:
    """Fetch what is missing of a file.

    Raises: InterruptedError when `stop` is set, TimeoutError when another program fetches it, WrongFile,
    FileNotFoundError, PermissionError, TooManyRequests, ConnectionError or httpx.HTTPError when the line is cut, and
    other OSErrors where the disk is full.
    """
    part = FilePart(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=0)
    with lock:
        if path.is_file() and path.stat().st_size == source.size_bytes:
            return
        if part.etag(source.sha256) is None:
            part.forget()
        if (part.file.stat().st_size if part.file.is_file() else 0) < source.size_bytes:
            _receive(source, part, told, stop)
        part.finish(source.sha256)
        Path(lock.lock_file).unlink(missing_ok=True)


def _receive(source: FileSource, part: FilePart, told: Told, stop: CancellationToken) -> None:
    """Ask for what is missing, and write it as it comes: what has come is kept when the line is cut."""
    with part.file.open("ab") as file, _answer(source, part, file.tell(), stop) as answer:
        if answer.status_code != 206:  # all of it, for it has changed, or there are no ranges
            file.truncate(0)
        etag = answer.headers.get("ETag", "")
        part.note(source.sha256, "" if etag.startswith("W/") else etag)
        for block in answer.iter_bytes():
            file.write(block)
            told(file.tell())
            if stop.is_set:
                raise InterruptedError
            if file.tell() > source.size_bytes:
                break
        came = file.tell()
    if came < source.size_bytes:
        raise ConnectionError("it ended early")


@contextmanager
def _answer(source: FileSource, part: FilePart, begun: int, stop: CancellationToken) -> Iterator[httpx.Response]:
    """Lend the answer to a request for all that comes after so many bytes.

    A redirect leads to other hosts, which httpx does not send the token to.
    """
    headers = {**source.headers, "Accept-Encoding": "identity"}
    if begun:
        headers["Range"] = f"bytes={begun}-"
        if etag := part.etag(source.sha256):
            headers["If-Range"] = etag
    line = CancellableClient(READ_TIMEOUT_S, False, proxy_for(source.address), READ_BYTES)
    stop.when_set(line.cut)
    try:
        with line.client, line.client.stream("GET", source.address, headers=headers) as answer:
            _check(answer, part)
            yield answer
    except httpx.HTTPError as error:
        if stop.is_set:
            raise InterruptedError from error
        raise


def _check(answer: httpx.Response, part: FilePart) -> None:
    """Raise what an answer means that brings no bytes."""
    status = answer.status_code
    if status in (401, 403):
        raise PermissionError(status, "it is not for everybody")
    if status in (404, 410):
        raise FileNotFoundError(str(status))
    if status == 429:
        raise TooManyRequests(answer.headers.get("Retry-After"))
    if status == 416:  # there is no such place in it: the next try begins anew
        part.note("", "")
    if status not in (200, 206):
        raise ConnectionError(f"status {status}")
