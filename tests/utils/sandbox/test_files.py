"""The folder of a sandbox, seen by the host."""

import os
from pathlib import Path

import pytest

from utils.sandbox import files
from utils.sandbox.files import changed, copy_in, measure, read_capped, remove_folder, state_of


def test_what_was_made_or_changed_is_found_and_nothing_hidden(tmp_path: Path):
    (tmp_path / "old.txt").write_text("old")
    (tmp_path / "same.txt").write_text("same")
    before = state_of(tmp_path)
    (tmp_path / "old.txt").write_text("changed")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "new.txt").write_text("new")
    (tmp_path / ".home").mkdir()
    (tmp_path / ".home" / "cache").write_text("cache")
    assert [path.relative_to(tmp_path).as_posix() for path in changed(tmp_path, before)] == ["old.txt", "sub/new.txt"]


def test_links_and_pipes_are_no_files(tmp_path: Path):
    (tmp_path / "secret").write_text("secret")
    folder = tmp_path / "folder"
    folder.mkdir()
    os.symlink(tmp_path / "secret", folder / "link")
    os.symlink(tmp_path, folder / "folder")
    os.mkfifo(folder / "pipe")
    assert state_of(folder) == {}
    for name in ("link", "pipe", "folder"):
        with pytest.raises(OSError):
            read_capped(folder / name, 1000)


def test_a_file_is_read_up_to_its_limit(tmp_path: Path):
    (tmp_path / "a").write_text("12345")
    assert read_capped(tmp_path / "a", 5) == b"12345"
    with pytest.raises(OSError):
        read_capped(tmp_path / "a", 4)


def test_all_that_lies_there_is_measured(tmp_path: Path):
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "a").write_bytes(b"x" * 100_000)
    size_bytes, count = measure(tmp_path)
    assert 100_000 <= size_bytes < 120_000
    assert count == 2


def test_files_are_placed_under_their_names_and_never_over_what_is_there(tmp_path: Path):
    (tmp_path / "source").write_text("new")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "mine.csv").write_text("mine")
    os.symlink(tmp_path / "victim", folder / "link.csv")
    source = tmp_path / "source"
    copy_in({"mine.csv": source, "link.csv": source, "../../climb.csv": source, "data.csv": source}, folder)
    assert (folder / "mine.csv").read_text() == "mine"
    assert (folder / "data.csv").read_text() == (folder / "climb.csv").read_text() == "new"
    assert not (tmp_path / "victim").exists()


def test_folders_nested_deeper_than_a_path_may_be_long_are_measured_and_removed(tmp_path: Path):
    (tmp_path / "kept.txt").write_text("kept")
    folder = tmp_path / "folder"
    folder.mkdir()
    here = os.open(folder, os.O_RDONLY)
    os.symlink(tmp_path, "link", dir_fd=here)
    for _ in range(3000):
        os.mkdir("nested", dir_fd=here)
        inner = os.open("nested", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    assert measure(folder)[1] > 500
    remove_folder(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def test_measuring_stops_where_there_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for number in range(30):
        (tmp_path / f"{number}" / "inner").mkdir(parents=True)
    looked: list[Path] = []
    real = files._listed

    def noted(folder: Path) -> list[os.DirEntry[str]]:
        looked.append(folder)
        return real(folder)

    monkeypatch.setattr(files, "_listed", noted)
    assert files.measure(tmp_path, 10)[1] == 11 and len(looked) == 1
    assert files.measure(tmp_path)[1] == 60
