"""Files that are broken, locked, empty or made to do harm: each gets one sentence, soon, and the program goes on."""

import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from threading import Timer

import pytest

from tests.utils.reading import files_to_read as make
from utils.files.unreadable import Unreadable
from utils.reading import worker
from utils.reading.block import Block, Notice, Read, ReaderFault
from utils.reading.isolated import TIMEOUT_S, read_isolated
from utils.threads.stop import CancellationToken

ReadWith = Callable[..., list[Read]]


def halved(path: Path) -> Path:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def archive(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.txt", "hello")
    return path


def locked(path: Path) -> Path:
    """Mark all files of an archive as encrypted by a ZIP program."""
    data = bytearray(path.read_bytes())
    for head, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = -1
        while (place := data.find(head, place + 1)) >= 0:
            data[place + at] |= 1
    return written(path, bytes(data))


@pytest.fixture
def read_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReadWith:
    """Return what reads a text, with a program in place of the reader."""

    def read(program: str, stop: CancellationToken | None = None, timeout_s: float = TIMEOUT_S) -> list[Read]:
        monkeypatch.setattr("utils.reading.isolated.READER", ["-c", program])
        path = written(tmp_path / "a.txt", b"text")
        return list(read_isolated(path, path.name, stop or CancellationToken(), timeout_s))

    return read


HANGS = "import time; time.sleep(3600)"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FILES: list[tuple[str, Callable[[Path], Path], str]] = [
    ("locked.pdf", lambda path: make.pdf(path, ["secret"], password="x"), "is protected by a password"),
    ("cut.pdf", lambda path: halved(make.pdf(path, ["text"] * 9)), "is damaged or was cut off"),
    ("cut.docx", lambda path: halved(make.word(path)), "is damaged or was cut off"),
    ("cut.xlsx", lambda path: halved(make.sheets(path)), "is damaged or was cut off"),
    ("locked.docx", lambda path: written(path, OLE + "EncryptedPackage".encode("utf-16-le")), "is protected by a pass"),
    ("old.doc", lambda path: written(path, OLE + b"\0" * 600), "is in an Office format from before 2007"),
    ("locked_in_zip.docx", lambda path: locked(make.word(path)), "is protected by a password"),
    ("empty.txt", lambda path: written(path, b""), "is empty"),
    ("blank.md", lambda path: written(path, b" \n\n\t"), "is empty"),
    ("bomb.docx", make.bomb, "would unpack to 300 MB, far more than a document needs"),
    ("picture.pdf", lambda path: written(path, b"\x89PNG\r\n\x1a\n" + b"\0" * 99), "is damaged, or not a picture"),
    ("text.pdf", lambda path: written(path, b"just some text"), "is not a PDF file, although its name says so"),
    ("program.txt", lambda path: written(path, b"\x7fELF" + bytes(range(256))), "is a program, not a document"),
    ("noise.dat", lambda path: written(path, random.Random(1).randbytes(5000)), "is neither a text nor a document"),
    ("files.zip", archive, "is an archive, not a document"),
]


@pytest.mark.parametrize(("name", "make_file", "reason"), FILES, ids=[name for name, _, _ in FILES])
def test_each_gets_its_sentence_and_a_way_out(tmp_path: Path, name: str, make_file: Callable[..., Path], reason: str):
    path = make_file(tmp_path / name)
    with pytest.raises(Unreadable) as caught:
        list(read_isolated(path, name, CancellationToken()))
    assert caught.value.reason.startswith(reason)
    assert caught.value.way_out.endswith(".")


def test_ten_thousand_pages_are_read_up_to_a_limit_and_that_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = make.pdf(tmp_path / "long.pdf", [f"Page {n}" for n in range(10_000)])
    parts = list(read_isolated(path, "long.pdf", CancellationToken()))
    assert sum(isinstance(part, Block) for part in parts) == 5000
    assert [part.sentence for part in parts if isinstance(part, Notice)] == [
        "It has 10,000 pages: only the first 5,000 were read. Split it to have all read."
    ]


def test_a_reader_that_hangs_is_ended(read_with: ReadWith):
    with pytest.raises(Unreadable, match="takes too long"):
        read_with(HANGS, timeout_s=0.5)


def test_a_reader_that_works_and_gets_nowhere_is_ended(read_with: ReadWith):
    pytest.importorskip("resource")
    with pytest.raises(Unreadable, match="takes too long"):
        read_with("from utils.reading import worker\nworker.HANG_CPU_S = 1\nworker.Clock()\nwhile True: pass")


def test_a_reader_that_swells_up_is_refused_more_memory(read_with: ReadWith):
    pytest.importorskip("resource")
    with pytest.raises(Unreadable, match="needs too much memory"):
        read_with("from utils.reading.worker import limit_memory; limit_memory(); held = b'x' * (8 << 30)")
    assert worker.MEMORY_BYTES < 8 << 30


def test_more_lines_than_are_read_of_one_file_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("utils.reading.isolated.MOST_BLOCKS", 1000)
    parts = list(read_isolated(written(tmp_path / "a.txt", b"x\n" * 1_000_000), "a.txt", CancellationToken()))
    assert sum(isinstance(part, Block) for part in parts) == 1000
    assert parts[-1] == Notice(
        "It holds more than 1,000 lines: only its first part was read, up to line 1000. Split it to have all read."
    )


def test_reading_that_goes_on_and_on_is_ended_and_that_is_told(read_with: ReadWith, monkeypatch: pytest.MonkeyPatch):
    lines = (
        "import itertools, json\nfor n in itertools.count(1):\n    print(json.dumps(['Block', 'x', '', 'line', n, '']))"
    )
    monkeypatch.setattr("utils.reading.isolated.MOST_S", 0.3)
    *blocks, notice = read_with(lines)
    assert isinstance(blocks[-1], Block)
    assert isinstance(notice, Notice) and notice.sentence.startswith("It takes longer than 0 minutes to be read")
    assert f"up to line {blocks[-1].number}." in notice.sentence


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("import sys; sys.path.insert(0, '.'); from utils.reading import worker; worker.READERS.clear(); worker.main()",
         "KeyError: 'text'"),
        ("import a_package_that_is_missing", "No module named 'a_package_that_is_missing'"),
    ],
    ids=["a bug", "a missing package"],
)  # fmt: skip
def test_a_fault_of_the_reader_is_told_as_ours_and_logged(
    read_with: ReadWith, caplog: pytest.LogCaptureFixture, code: str, cause: str
):
    with pytest.raises(ReaderFault) as caught:
        read_with(code)
    assert caught.value.reason == "could not be read: bnaGPT has a bug here"
    assert "Traceback" in caplog.text and cause in caplog.text


@pytest.mark.parametrize("part", ["word/document.xml", "word/styles.xml"])
def test_an_office_file_with_a_broken_part_is_told_to_be_damaged(tmp_path: Path, part: str):
    whole, path = make.word(tmp_path / "whole.docx"), tmp_path / "broken.docx"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name)[:-9] if name == part else old.read(name))
    with pytest.raises(Unreadable) as caught:
        list(read_isolated(path, path.name, CancellationToken()))
    assert caught.value.reason == "is damaged"


def test_a_stop_ends_the_reading(read_with: ReadWith):
    stop = CancellationToken()
    Timer(0.3, stop.set).start()
    assert read_with(HANGS, stop) == []
