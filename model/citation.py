"""Citation: a source that an answer rests on, as it is kept on the answer."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Citation:
    """A source, by the number that stands in the text as [1]: where it is, and the very passage that was used."""

    number: int
    title: str
    address: str = ""
    passage: str = ""
    place: str = ""  # a page, a sheet, a heading
    extra: dict[str, Any] = field(default_factory=dict)
