"""Attachment: a file that belongs to a message; its bytes are in `model/attachments.py`."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Attachment:
    """A file that belongs to a message, referred to by the SHA-256 of its bytes."""

    sha256: str
    name: str
    media_type: str = "application/octet-stream"
    size_bytes: int = 0
    extra: dict[str, Any] = field(default_factory=dict)
