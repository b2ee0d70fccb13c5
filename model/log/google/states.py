"""What is waited for while a person is away at Google to allow something: the `state` of OAuth, kept for ten minutes.

A state is 32 random bytes, of which only the SHA-256 is kept. It is good once, and only for the person in whose file it
stands, so nobody can be led to connect an account of somebody else.

Source: RFC 6749, section 10.12; RFC 7636 (PKCE).
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from model.chat.serialization import from_row, to_row
from model.store.disk_errors import holding, writing
from utils.files.atomic import write_private

LASTS_S = 600.0
STATE_BYTES = 32
MOST_WAITING = 20


@dataclass(frozen=True)
class Consent:
    """A consent that is waited for: to what it leads back, for what it is, and the verifier of PKCE."""

    purpose: str
    redirect_uri: str
    verifier: str
    digest: str = ""
    expires_at_s: float = 0.0
    extra: dict[str, Any] = field(default_factory=dict)


class ConsentFile:
    """The consents that one person is on the way to give."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.path, self._clock = path, clock

    def begin(self, purpose: str, redirect_uri: str) -> tuple[str, Consent]:
        """Return a new state, and what is kept of it. Raises: StoreError."""
        state = secrets.token_urlsafe(STATE_BYTES)
        until_s = self._clock() + LASTS_S
        consent = Consent(purpose, redirect_uri, secrets.token_urlsafe(48), _digest(state), until_s)
        with holding(self.path):
            self._write([*self._read(), consent][-MOST_WAITING:])
        return state, consent

    def take(self, state: str) -> Consent | None:
        """Return what belongs to a state, once; None where it is not known, or too old. Raises: StoreError."""
        digest = _digest(state)
        with holding(self.path):
            waiting = self._read()
            self._write([one for one in waiting if one.digest != digest])
        return next((one for one in waiting if one.digest == digest), None)

    def remove(self) -> None:
        """Wait for nothing any more. Raises: StoreUnwritable."""
        with holding(self.path), writing(self.path):
            self.path.unlink(missing_ok=True)

    def _read(self) -> list[Consent]:
        """Return those that are not too old; of a damaged file none."""
        with suppress(OSError, ValueError):
            rows = json.loads(self.path.read_bytes())
            found = [from_row(Consent, row) for row in rows] if isinstance(rows, list) else []
            return [one for one in found if one.expires_at_s > self._clock()]
        return []

    def _write(self, waiting: list[Consent]) -> None:
        with writing(self.path):
            write_private(self.path, json.dumps([to_row(one) for one in waiting]).encode())


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode("utf-8", "replace")).hexdigest()
