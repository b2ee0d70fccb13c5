"""Pictures that a model writes into its answer, in the forms in which servers send them.

Only those whose bytes stand in the answer are taken; an address is never asked.
Sources: https://openrouter.ai/docs/features/multimodal/image-generation (`images`),
https://ai.google.dev/api/caching#Blob (`inlineData`), https://docs.anthropic.com/en/api/messages (`source`).
"""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

MOST_PICTURES = 16  # of one answer
MOST_CHARS = 64 << 20  # of one picture, in base64
_PLACES = ("image_url", "source", "inline_data", "inlineData", "b64_json", "image_base64", "data", "url", "image")


def holds_picture(part: dict[str, Any]) -> bool:
    """Return whether a part of an answer is a picture, whether or not its bytes are there."""
    inline = part.get("inline_data") or part.get("inlineData")
    kind = inline.get("mime_type") or inline.get("mimeType") if isinstance(inline, dict) else part.get("type")
    return "image" in str(kind)


def pictures_in(parts: object) -> Iterator[bytes]:
    """Yield the bytes of each picture in a list of parts, or in one; b"" where they are not there, or are no base64."""
    for part in parts if isinstance(parts, list) else [parts]:
        written = _written(part)
        try:
            yield base64.b64decode(written, validate=True) if len(written) <= MOST_CHARS else b""
        except (binascii.Error, ValueError):
            yield b""


def _written(part: Any) -> str:
    """Return a picture as base64, wherever a part holds it; "" for an address of the web."""
    for _ in range(3):  # as deep as the forms go
        if not isinstance(part, dict):
            break
        part = next((part[place] for place in _PLACES if part.get(place)), None)
    if not isinstance(part, str) or part.startswith(("http:", "https:")):
        return ""
    head, comma, data = part.partition(",")
    return "".join((data if comma and head.startswith("data:") and head.endswith(";base64") else part).split())
