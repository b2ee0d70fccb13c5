"""Files in Google Drive, and the folder in which they lie; with `drive.file` only what bnaGPT has made or was shown.

A file gets its id before it is sent, and whoever sends it writes that down: sent twice, it is still one file.
Source: https://developers.google.com/workspace/drive/api/guides/manage-uploads
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from model.errors import GoogleBusy, GoogleError, GoogleUnreachable
from model.log.google.client import TRIES, GoogleClient
from model.log.google.oauth import FOLDER_KIND
from utils.text.characters import one_line
from utils.threads.stop import CancellationToken

CHUNK_BYTES = 8 * 2**20  # a multiple of 256 KiB, as Google wants it
MARK = "bnagpt"  # the property by which a file is found again whose id is not known
MOST_FOLDERS = 1000
LONGEST_NAME = 200
_FILES, _UPLOADS = "/drive/v3/files", "/upload/drive/v3/files"
_SESSIONS = 3  # how often an upload is begun anew whose session Google has forgotten
_RANGE = re.compile(r"bytes=0-(\d+)")


@dataclass(frozen=True)
class Folder:
    """A folder in Drive."""

    id: str
    name: str


@dataclass(frozen=True)
class DrivePlace:
    """The id under which a file is, or will be."""

    id: str
    is_taken: bool


class Drive:
    """One person's Drive."""

    def __init__(self, client: GoogleClient, chunk_bytes: int = CHUNK_BYTES) -> None:
        self._client, self._chunk_bytes = client, chunk_bytes

    def email(self) -> str:
        """Return whose Drive it is. Raises: GoogleError."""
        told = _object(self._client.ask("GET", "/drive/v3/about", params={"fields": "user(emailAddress)"}, tries=2))
        user = told.get("user")
        return one_line(str(user.get("emailAddress", "")))[:LONGEST_NAME] if isinstance(user, dict) else ""

    def folders(self) -> list[Folder]:
        """Return the folders that bnaGPT may see, by name. Raises: GoogleError."""
        query = {"q": f"mimeType = '{FOLDER_KIND}' and trashed = false", "orderBy": "name", "pageSize": "200"}
        query["fields"] = "nextPageToken,files(id,name)"
        found: list[Folder] = []
        while len(found) < MOST_FOLDERS:
            told = _object(self._client.ask("GET", _FILES, params=query, tries=2))
            found += [Folder(one["id"], _name(one)) for one in _listed(told)]
            if not (token := told.get("nextPageToken")):
                break
            query["pageToken"] = str(token)
        return found

    def folder(self, folder_id: str) -> Folder | None:
        """Return a folder; None where bnaGPT can't see it, or it is in the bin. Raises: GoogleError."""
        told = self._file(folder_id, tries=2)
        is_folder = told is not None and told.get("mimeType") == FOLDER_KIND
        return Folder(folder_id, _name(told)) if told and is_folder else None

    def make_folder(self, name: str) -> Folder:
        """Make a folder. Raises: GoogleError."""
        body = {"id": self._new_id(), "name": name[:LONGEST_NAME], "mimeType": FOLDER_KIND}
        self._client.ask("POST", _FILES, body=body, params={"fields": "id"}, allowed=(409,), tries=2)
        return Folder(body["id"], body["name"])

    def place(self, known_id: str, mark: str, stop: CancellationToken | None = None) -> DrivePlace:
        """Return where a file is, by its id or else its mark; else where it shall be. Raises: GoogleError."""
        if known_id and self._file(known_id, stop=stop):
            return DrivePlace(known_id, is_taken=True)
        query = f"appProperties has {{ key='{MARK}' and value='{mark}' }} and trashed = false"
        params = {"q": query, "fields": "files(id)"}
        if found := _listed(_object(self._client.ask("GET", _FILES, params=params, stop=stop))):
            return DrivePlace(found[0]["id"], is_taken=True)
        return DrivePlace(self._new_id(stop), is_taken=False)

    def upload(
        self, path: Path, kind: str, place: DrivePlace, mark: str, folder_id: str, stop: CancellationToken
    ) -> None:
        """Send a file to its place, over what is there; where the line is cut it goes on from what has arrived.

        `kind` is its media type. Raises: GoogleError, OSError; InterruptedError after a stop.
        """
        with path.open("rb") as file:
            size_bytes = os.fstat(file.fileno()).st_size

            def read(begin: int) -> bytes:
                file.seek(begin)
                return file.read(self._chunk_bytes)

            for _ in range(_SESSIONS):
                address = self._begin(path.name, size_bytes, kind, place, mark, folder_id, stop)
                if self._send(address, size_bytes, read, stop):
                    return
        raise GoogleError("Google has given up an upload.", "It is tried again later; nothing is lost.")

    def _begin(
        self,
        name: str,
        size_bytes: int,
        kind: str,
        place: DrivePlace,
        mark: str,
        folder_id: str,
        stop: CancellationToken,
    ) -> str:
        """Return the address of a new upload."""
        headers = {"X-Upload-Content-Type": kind, "X-Upload-Content-Length": str(size_bytes)}
        params = {"uploadType": "resumable", "fields": "id"}
        ask = partial(self._client.ask, headers=headers, params=params, stop=stop)
        is_taken = place.is_taken
        if not is_taken:
            body = {"id": place.id, "name": name, "parents": [folder_id], "appProperties": {MARK: mark}}
            answer = ask("POST", _UPLOADS, body=body, allowed=(409,))
            is_taken = answer.status_code == 409  # what was sent before has arrived
        if is_taken:
            answer = ask("PATCH", f"{_UPLOADS}/{quote(place.id, safe='')}", body={"name": name})
        address = answer.headers.get("Location", "")
        if not address:
            raise GoogleError("Google does not say where the file shall go.", "It is tried again later.")
        return str(address)

    def _send(self, address: str, size_bytes: int, read: Callable[[int], bytes], stop: CancellationToken) -> bool:
        """Send all pieces; return False where Google knows nothing of this upload any more."""
        sent, failures, is_known = 0, 0, True
        while True:
            piece = read(sent) if is_known else b""
            try:
                answer = self._piece(address, sent, piece, size_bytes, stop)
            except (GoogleBusy, GoogleUnreachable) as error:
                failures += 1
                if failures >= TRIES:
                    raise
                self._client.wait(failures, error, stop)
                is_known = False  # how much of it has arrived
                continue
            if answer.status_code in (404, 410):
                return False
            if answer.status_code != 308:
                return True
            arrived = _arrived(answer)
            failures = 0 if arrived > sent else failures + (1 if is_known else 0)
            if failures >= TRIES:
                raise GoogleError("Google takes nothing of an upload.", "It is tried again later; nothing is lost.")
            sent, is_known = arrived, True

    def _piece(self, address: str, sent: int, piece: bytes, size_bytes: int, stop: CancellationToken) -> httpx.Response:
        """Send a piece; none asks how much has arrived."""
        span = f"{sent}-{sent + len(piece) - 1}" if piece else "*"
        headers = {"Content-Range": f"bytes {span}/{size_bytes}"}
        return self._client.ask(
            "PUT", address, content=piece, headers=headers, allowed=(308, 404, 410), tries=1, stop=stop
        )

    def _file(self, file_id: str, **how: Any) -> dict[str, Any] | None:
        """Return what Drive tells of a file; None where it is gone, in the bin, or not bnaGPT's to see."""
        params = {"fields": "id,name,mimeType,trashed"}
        address = f"{_FILES}/{quote(file_id, safe='')}"
        answer = self._client.ask("GET", address, params=params, allowed=(404,), **how)
        told = _object(answer) if answer.status_code == 200 else {}
        return told if told and not told.get("trashed") else None

    def _new_id(self, stop: CancellationToken | None = None) -> str:
        params = {"count": "1", "space": "drive"}
        ids = _object(self._client.ask("GET", f"{_FILES}/generateIds", params=params, stop=stop)).get("ids")
        if not isinstance(ids, list) or not ids:
            raise GoogleError("Google gave no place for a file.", "It is tried again later.")
        return str(ids[0])


def _object(answer: httpx.Response) -> dict[str, Any]:
    """Return the object that an answer holds. Raises: GoogleError."""
    try:
        told = answer.json()
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise GoogleError("Google's answer can't be read.", "Try again later.")
    return told


def _listed(told: dict[str, Any]) -> list[dict[str, Any]]:
    files = told.get("files")
    return (
        [one for one in files if isinstance(one, dict) and isinstance(one.get("id"), str)]
        if isinstance(files, list)
        else []
    )


def _name(told: dict[str, Any]) -> str:
    return one_line(str(told.get("name", "")))[:LONGEST_NAME] or "Untitled"


def _arrived(answer: httpx.Response) -> int:
    """Return how many bytes Google has; it tells the last one's number, and nothing where it has none."""
    found = _RANGE.match(answer.headers.get("Range", ""))
    return int(found[1]) + 1 if found else 0
