"""Keys with which programs ask for a person over HTTP; of each only the SHA-256 is kept.

`make key EMAIL=ann@example.org` makes one.
"""

import hashlib
import json
import secrets
from contextlib import suppress
from pathlib import Path

from filelock import BaseFileLock

from utils.files.atomic import Stamp, locked, make_folder, stamp, write_private


class PersonKeys:
    """The keys of all people, in one file."""

    def __init__(self, file: Path) -> None:
        self.file = file
        # The file's stamp, and whose key is whose by its SHA-256: one pair, for threads ask at once.
        self._known: tuple[Stamp | None, dict[str, str]] = (None, {})

    def person(self, key: str) -> str:
        """Return whose key this is; "" where it is nobody's. A file that can't be read has no keys."""
        return self._read().get(_digest(key), "") if key else ""

    def make(self, email: str) -> str:
        """Return a new key for a person, which nothing tells again.

        Raises: OSError; ValueError where the file holds something else.
        """
        key = f"bna-{secrets.token_urlsafe(32)}"
        with self._locked():
            self._write(self._kept() | {_digest(key): email.lower()})
        return key

    def revoke_all(self, email: str) -> int:
        """Let no key of a person open anything any more; return how many there were.

        Raises: OSError; ValueError where the file holds something else.
        """
        with self._locked():
            people = self._kept()
            left = {digest: owner for digest, owner in people.items() if owner != email.lower()}
            self._write(left)
        return len(people) - len(left)

    def _read(self) -> dict[str, str]:
        with suppress(OSError, ValueError):
            # The stamp is older than what is read: a change in between is seen the next time.
            now, (known, people) = stamp(self.file), self._known
            if now != known:
                people = self._kept()
                self._known = now, people
            return people
        return {}

    def _kept(self) -> dict[str, str]:
        """Return what stands in the file; raises OSError, ValueError where that can't be told."""
        if not self.file.exists():
            return {}
        people = json.loads(self.file.read_bytes())
        if not isinstance(people, dict):
            raise ValueError(f"{self.file.name} holds no keys")
        return {str(digest): str(email) for digest, email in people.items()}

    def _locked(self) -> BaseFileLock:
        make_folder(self.file.parent)
        return locked(self.file)

    def _write(self, people: dict[str, str]) -> None:
        write_private(self.file, json.dumps(people, indent=1).encode())


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
