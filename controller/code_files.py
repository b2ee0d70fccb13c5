"""Files on their way into a sandbox and out of it: attached ones go in, those that code has made are kept like them."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from controller.toolbox import Toolbox
from model.attachment import Attachment
from model.errors import StoreUnreadable
from utils.file_names import free_file_name
from utils.pictures import picture_type
from utils.sandbox import Outcome
from utils.sandbox_files import read
from utils.untrusted import harmless

MAX_FILES = 20  # of one run
MAX_KEPT_BYTES = 20 << 20  # of one run, together


def attached(toolbox: Toolbox, attachments: Sequence[Attachment]) -> dict[str, Path]:
    """Return the attached files that are still there, by names that are safe and differ.

    The newest go in, as many as leave half of the folder to the code.
    """
    found: dict[str, Path] = {}
    for attachment in {attachment.sha256: attachment for attachment in attachments}.values():
        name = Path(harmless(attachment.name))
        with suppress(StoreUnreadable):
            path = toolbox.attachments.path(attachment.sha256)
            found[free_file_name(name.stem, name.suffix, found)] = path
    free_bytes = toolbox.sandboxes.limits.folder_bytes // 2
    for newest in reversed(list(found)):
        free_bytes -= found[newest].stat().st_size
        if free_bytes < 0:
            del found[newest]
    return found


def kept(toolbox: Toolbox, outcome: Outcome, is_temporary: bool) -> list[dict[str, Any]]:
    """Keep the files that a run has made, and return what refers to them; not all of very many or large ones.

    Raises: StoreUnwritable.
    """
    rows: list[dict[str, Any]] = []
    free_bytes = MAX_KEPT_BYTES
    for path in outcome.files[:MAX_FILES]:
        with suppress(OSError):
            data = read(path, free_bytes)
            free_bytes -= len(data)
            rows.append(_row(toolbox.attachments.put(path.name, data, is_temporary), data))
    return rows


def _row(attachment: Attachment, data: bytes) -> dict[str, Any]:
    """Return what refers to a file; only what is in it says that it is a picture."""
    return {
        "sha256": attachment.sha256,
        "name": attachment.name,
        "media_type": picture_type(data) or "application/octet-stream",
        "size_bytes": attachment.size_bytes,
    }
