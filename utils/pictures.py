"""Pictures whose bytes come from somewhere: which kind they are, by what is in them and not by their names."""

import io
import warnings

KINDS = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
# A small file may unpack to gigabytes.
MAX_PIXELS = 25_000_000


def picture_type(data: bytes) -> str | None:
    """Return the media type of a picture that a page may show; None for anything else."""
    # Imported here: few need it.
    from PIL import Image

    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=list(KINDS)) as image:
            warnings.simplefilter("error")
            image.verify()
            width, height = image.size
    except Exception:
        # Every kind of picture has faults of its own.
        return None
    return KINDS.get(image.format or "") if width * height <= MAX_PIXELS else None
