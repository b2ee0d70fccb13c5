"""A person's Google account, as it is kept: what they have allowed, and the refresh token, encrypted at rest.

The token is sealed with a key that is made from GOOGLE_CLIENT_SECRET, which stands in `.env`: whoever gets hold of the
data alone can't use it. It is in this file and in the memory of the program, and nowhere else.
"""

import base64
import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from model.chat.serialization import from_row, to_row
from model.store.disk_errors import holding, reading, writing
from utils.files.atomic import write_private

SALT_BYTES = 16
_INFO = b"refresh token of a Google account"


@dataclass(frozen=True)
class GoogleAccount:
    """What is kept of one account.

    `scopes` are what bnaGPT was allowed, with spaces between them, as OAuth writes them. `must_sign_in` tells that the
    token is no longer taken. `folder_id` is the folder in Drive; "" until one is chosen or made.
    """

    sealed_token: str = ""
    salt: str = ""
    scopes: str = ""
    must_sign_in: bool = False
    email: str = ""
    folder_id: str = ""
    folder_name: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def is_connected(self) -> bool:
        return bool(self.sealed_token)

    def may(self, scope: str) -> bool:
        return self.is_connected and scope in self.scopes.split()

    def with_token(self, token: str, secret: str) -> "GoogleAccount":
        """Return the account with a new refresh token."""
        salt = os.urandom(SALT_BYTES)
        sealed = _box(secret, salt).encrypt(token.encode()).decode()
        return replace(self, sealed_token=sealed, salt=salt.hex(), must_sign_in=False)

    def token(self, secret: str) -> str:
        """Return the refresh token; "" where there is none, or it was sealed with another secret."""
        fernet = import_module("cryptography.fernet")
        with suppress(fernet.InvalidToken, ValueError):
            return str(_box(secret, bytes.fromhex(self.salt)).decrypt(self.sealed_token.encode()).decode())
        return ""


def _box(secret: str, salt: bytes) -> Any:
    """Return what seals with a secret. Source: RFC 5869 (HKDF)."""
    hashes = import_module("cryptography.hazmat.primitives.hashes")
    hkdf = import_module("cryptography.hazmat.primitives.kdf.hkdf")
    derivation = hkdf.HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=_INFO)
    key = derivation.derive(secret.encode("utf-8", "replace"))
    return import_module("cryptography.fernet").Fernet(base64.urlsafe_b64encode(key))


class AccountFile:
    """Where one person's account is kept; threads and processes may share it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> GoogleAccount:
        """Return the account; an empty one where there is none, or the file is damaged. Raises: StoreUnreadable."""
        if not self.path.exists():
            return GoogleAccount()
        with reading(self.path):
            data = self.path.read_bytes()
        with suppress(ValueError):
            return from_row(GoogleAccount, json.loads(data))
        return GoogleAccount()

    def change(self, change: Callable[[GoogleAccount], GoogleAccount]) -> GoogleAccount:
        """Keep what a function makes of the account. Raises: StoreError."""
        with holding(self.path):
            account = change(self.read())
            with writing(self.path):
                write_private(self.path, json.dumps(to_row(account)).encode())
        return account

    def remove(self) -> None:
        """Forget the account. Raises: StoreUnwritable."""
        with holding(self.path), writing(self.path):
            self.path.unlink(missing_ok=True)
