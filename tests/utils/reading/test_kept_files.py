"""Files as attachments are kept: under their hash, without an ending; each kind is read there as under its name."""

from pathlib import Path

import pytest

from model.store.attachments import AttachmentStore
from tests.utils.reading import files_to_read as make
from utils.reading.block import Block
from utils.reading.isolated import read_isolated
from utils.threads.stop import CancellationToken


@pytest.mark.parametrize(("name", "make_file", "words"), make.PROMISED, ids=[name for name, _, _ in make.PROMISED])
def test_a_kept_file_is_read_as_under_its_name(tmp_path: Path, name: str, make_file: make.Make, words: str):
    make_file(tmp_path / name)
    store = AttachmentStore(tmp_path / "attachments")
    kept = store.put(name, (tmp_path / name).read_bytes())
    texts = [
        part.text
        for part in read_isolated(store.path(kept.sha256), kept.name, CancellationToken())
        if isinstance(part, Block)
    ]
    assert words in texts


@pytest.mark.parametrize("name", ["a\0b.md", "\ud800.md", "x" * 200_000 + ".md", "-c.md", "a.\0\ud800", "", "…"])
def test_no_name_stops_the_reader(tmp_path: Path, name: str):
    path = tmp_path / "file"
    path.write_text(make.WORDS)
    assert [part.text for part in read_isolated(path, name, CancellationToken()) if isinstance(part, Block)] == [
        make.WORDS
    ]
