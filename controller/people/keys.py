"""Keys with which programs ask for a person over HTTP; kept are only the SHA-256 of each, whose it is, and since when.

`make key EMAIL=ann@example.org` makes one, and so does the page You.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import BaseFileLock

from model.chat.message import now
from utils.files.atomic import Stamp, locked, make_folder, stamp, write_private


@dataclass(frozen=True)
class KnownKey:
    """What is known of a key: its SHA-256, whose it is, and when it was made, "" where nobody noted that."""

    digest: str
    person: str
    made_at: str = ""


class PersonKeys:
    """The keys of all people, in one file."""

    def __init__(self, file: Path) -> None:
        self.file = file
        # The file's stamp, and the keys by their SHA-256: one pair, for threads ask at once.
        self._known: tuple[Stamp | None, dict[str, KnownKey]] = (None, {})

    def person(self, key: str) -> str:
        """Return whose key this is; "" where it is nobody's. A file that can't be read has no keys."""
        found = self._read().get(_digest(key)) if key else None
        return found.person if found else ""

    def of(self, email: str) -> list[KnownKey]:
        """Return a person's keys, in the order in which they were made."""
        return [key for key in self._read().values() if key.person == email.lower()]

    def people(self) -> set[str]:
        """Return the addresses of all who have a key."""
        return {key.person for key in self._read().values()}

    def bring(self, others: "PersonKeys") -> None:
        """Take over the keys of another file. Raises: OSError; ValueError where a file holds something else."""
        if keys := others._kept():
            with self._locked():
                self._write(keys | self._kept())

    def make(self, email: str) -> str:
        """Return a new key for a person, which nothing tells again.

        Raises: OSError; ValueError where the file holds something else.
        """
        key = f"bna-{secrets.token_urlsafe(32)}"
        with self._locked():
            made = KnownKey(_digest(key), email.lower(), now())
            self._write(self._kept() | {made.digest: made})
        return key

    def revoke_all(self, email: str) -> int:
        """Let no key of a person open anything any more; return how many there were.

        Raises: OSError; ValueError where the file holds something else.
        """
        return self._revoke(lambda key: key.person == email.lower())

    def revoke(self, email: str, digest: str) -> int:
        """Let one key of a person open nothing any more; return how many there were. Raises: what `revoke_all` does."""
        return self._revoke(lambda key: key.person == email.lower() and key.digest == digest)

    def _revoke(self, is_meant: Callable[[KnownKey], bool]) -> int:
        if not self.file.exists():
            return 0
        with self._locked():
            keys = self._kept()
            left = {digest: key for digest, key in keys.items() if not is_meant(key)}
            if len(left) < len(keys):
                self._write(left)
        return len(keys) - len(left)

    def _read(self) -> dict[str, KnownKey]:
        with suppress(OSError, ValueError):
            # The stamp is older than what is read: a change in between is seen the next time.
            found, (known, keys) = stamp(self.file), self._known
            if found != known:
                keys = self._kept()
                self._known = found, keys
            return keys
        return {}

    def _kept(self) -> dict[str, KnownKey]:
        """Return what stands in the file; raises OSError, ValueError where that can't be told."""
        if not self.file.exists():
            return {}
        told = json.loads(self.file.read_bytes())
        if not isinstance(told, dict):
            raise ValueError(f"{self.file.name} holds no keys")
        return {digest: _key(digest, row) for digest, row in told.items()}

    def _locked(self) -> BaseFileLock:
        make_folder(self.file.parent)
        return locked(self.file)

    def _write(self, keys: Mapping[str, KnownKey]) -> None:
        # Of a key that was made before anybody noted when, the address alone stands there, as it did.
        rows = {
            key.digest: {"person": key.person, "made_at": key.made_at} if key.made_at else key.person
            for key in keys.values()
        }
        write_private(self.file, json.dumps(rows, indent=1).encode())


def _key(digest: str, row: object) -> KnownKey:
    if isinstance(row, dict):
        return KnownKey(digest, str(row.get("person", "")), str(row.get("made_at", "")))
    return KnownKey(digest, str(row))


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
