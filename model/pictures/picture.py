"""Picture: an image or a drawing that was made for a conversation, as its tool step keeps it.

The bytes are in `model/store/attachments.py`, under the hash; here is what the picture is of, and how it came about.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import msgspec

from model.chat.message_parts import ToolStep

DETAIL = "pictures"  # where they stand in a step's details
SVG = "image/svg+xml"


@dataclass(frozen=True)
class Picture:
    """One picture; `prompt` is what was asked for, `wording` what the model made of that, where it says so.

    `edited_from` is the name of the picture that it was made from; `cost_usd` is None where the price is not known.
    """

    sha256: str
    name: str
    media_type: str
    size_bytes: int
    width_px: int
    height_px: int
    prompt: str = ""
    wording: str = ""
    edited_from: str = ""
    model_name: str = ""
    quality: str = ""
    cost_usd: float | None = None

    def to_row(self) -> dict[str, Any]:
        """Return the picture as it stands in the file: what says nothing is left out."""
        return {key: value for key, value in asdict(self).items() if value not in ("", None)}

    @property
    def is_drawing(self) -> bool:
        """Return whether it is made of shapes, and so can be changed by hand."""
        return self.media_type == SVG

    @property
    def is_image(self) -> bool:
        return not self.is_drawing


def pictures_of(steps: Iterable[ToolStep]) -> Iterator[Picture]:
    """Yield the pictures that tool steps have made; a row that is none, wherever it came from, is passed over."""
    for step in steps:
        rows = step.details.get(DETAIL)
        for row in rows if isinstance(rows, list) else []:
            try:
                yield msgspec.convert(row, Picture)
            except msgspec.ValidationError:
                continue


def free_name(kind: str, ending: str, taken: Iterable[Picture]) -> str:
    """Return a name that no picture of the conversation has: image-1.png, image-2.png, chart-3.svg."""
    names = {picture.name.rpartition(".")[0] for picture in taken}
    number = len(names) + 1
    while f"{kind}-{number}" in names:
        number += 1
    return f"{kind}-{number}.{ending}"
