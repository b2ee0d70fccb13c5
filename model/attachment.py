"""Attachment: a file that belongs to a message; its bytes are in `model/attachments.py`."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Attachment:
    """A file that belongs to a message, referred to by the SHA-256 of its bytes.

    A picture that was made ready for models tells its size in pixels. `words` were read off it, or out of a document,
    for models that can't do that; None where nobody has looked, "" where there are none.
    """

    sha256: str
    name: str
    media_type: str = "application/octet-stream"
    size_bytes: int = 0
    width_px: int = 0
    height_px: int = 0
    words: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def is_picture(self) -> bool:
        """Tell whether this is a picture that models may be shown."""
        return self.width_px > 0 and self.height_px > 0
