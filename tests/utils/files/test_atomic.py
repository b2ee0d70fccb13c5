"""Files are written whole or not at all, and locks hold."""

import io
import os
import stat
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from utils.files import atomic


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_and_leaves_no_temp_file(tmp_path):
    path = tmp_path / "new" / "a.json"
    atomic.write_whole(path, b"one")
    atomic.write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert listing(path.parent) == ["a.json"]


def test_a_new_file_can_be_read_by_its_owner_only(tmp_path):
    atomic.write_whole(tmp_path / "a", b"")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


def test_the_mode_stays(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"")
    path.chmod(0o664)
    atomic.write_whole(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o664


@pytest.mark.parametrize("target_exists", [True, False])
def test_a_link_stays_and_its_target_is_written(tmp_path, target_exists):
    target = tmp_path / "elsewhere" / "real.json"
    target.parent.mkdir()
    if target_exists:
        target.write_bytes(b"old")
    link = tmp_path / "link.json"
    link.symlink_to(target)
    atomic.write_whole(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("broken_call", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_content_and_no_temp_file(tmp_path, monkeypatch, broken_call):
    def fail(*_args):
        raise OSError("no room")

    path = tmp_path / "a"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, broken_call, fail)
    with pytest.raises(OSError, match="no room"):
        atomic.write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert listing(tmp_path) == ["a"]


def test_a_read_only_file_is_refused(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(PermissionError, match="read-only"):
        atomic.write_whole(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_name_of_255_bytes_can_be_written(tmp_path):
    path = tmp_path / ("n" * 255)
    atomic.write_whole(path, b"x")
    assert path.read_bytes() == b"x"


def test_a_file_is_set_aside_under_a_dated_name_that_nothing_has(tmp_path):
    path = tmp_path / "conversations.json"
    asides = []
    for number in range(3):
        path.write_text(str(number))
        asides.append(atomic.move_aside(path))
    assert [aside.read_text() for aside in asides] == ["0", "1", "2"]
    assert all(aside.name.startswith("conversations.unreadable-2") and aside.suffix == ".json" for aside in asides)
    assert not path.exists()


def test_a_stamp_changes_with_every_write_even_of_the_same_size_in_one_tick(tmp_path):
    path = tmp_path / "a"
    atomic.write_whole(path, b"1")
    first = atomic.stamp(path)
    atomic.write_whole(path, b"2")
    os.utime(path, ns=(first[0], first[0]))
    assert atomic.stamp(path) != first


def test_a_folder_and_a_missing_file_have_no_stamp(tmp_path):
    with pytest.raises(OSError, match="not a file"):
        atomic.stamp(tmp_path)
    with pytest.raises(FileNotFoundError):
        atomic.stamp(tmp_path / "none")


def test_a_lock_lets_one_thread_in_at_a_time(tmp_path):
    path = tmp_path / "counter"
    path.write_text("0")

    def count():
        for _ in range(25):
            with atomic.locked(path):
                number = int(path.read_text())
                time.sleep(0.0002)
                path.write_text(str(number + 1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_text() == "100"


def test_a_lock_that_is_held_raises_after_the_wait(tmp_path):
    with atomic.locked(tmp_path / "a"), pytest.raises(TimeoutError):
        atomic.locked(tmp_path / "a", wait_s=0.02).acquire()


def test_a_link_has_the_same_lock_as_its_target(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "a")
    with atomic.locked(tmp_path / "a"), pytest.raises(TimeoutError):
        atomic.locked(tmp_path / "link", wait_s=0).acquire()


def test_a_lock_may_be_released_by_another_thread(tmp_path):
    lock = atomic.locked(tmp_path / "a")
    lock.acquire()
    thread = threading.Thread(target=atomic.unlock_and_remove, args=[lock])
    thread.start()
    thread.join()
    with atomic.locked(tmp_path / "a", wait_s=0):
        assert listing(tmp_path) == ["a.lock"]


def half_written(path: Path) -> Path:
    """Leave what a program leaves that is killed in the middle of a write."""
    left = path.with_name(f"{path.name}.abcd1234.half-written")
    left.write_bytes(b"secret")
    return left


def test_what_a_killed_program_left_is_removed_and_what_a_living_one_writes_is_not(tmp_path, monkeypatch):
    half_written(tmp_path / "a"), (tmp_path / "other").write_bytes(b"")
    seen: list[list[str]] = []

    def meanwhile(_handle: int) -> None:
        atomic.remove_leftovers(tmp_path)
        seen.append(listing(tmp_path))

    monkeypatch.setattr(os, "fsync", meanwhile)
    atomic.write_whole(tmp_path / "b", b"new")
    assert [name.split(".")[0] for name in seen[0]] == ["b", "other"]
    assert (tmp_path / "b").read_bytes() == b"new" and listing(tmp_path) == ["b", "other"]


def test_whoever_holds_the_lock_of_a_file_removes_what_was_left_of_it_and_of_no_other(tmp_path):
    mine, other = half_written(tmp_path / "a"), half_written(tmp_path / "a.b")
    atomic.remove_leftovers_of(tmp_path / "a")
    assert not mine.exists() and other.exists()


def test_a_write_that_is_done_is_done_though_the_folder_can_not_be_synced(tmp_path, monkeypatch):
    sync = os.fsync

    def fail_for_folders(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(5, "Input/output error")
        sync(handle)

    monkeypatch.setattr(os, "fsync", fail_for_folders)
    atomic.write_whole(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"
    assert atomic.move_aside(tmp_path / "a").read_bytes() == b"new"


@pytest.mark.skipif(os.name != "posix", reason="elsewhere files have no such mode")
def test_private_files_are_their_owners_only_whatever_they_were_and_so_are_folders_made_for_them(tmp_path):
    path = tmp_path / "new" / "deep" / "a"
    atomic.write_private(path, b"one")
    path.chmod(0o644)
    atomic.write_private(path, b"two")
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent, path.parent.parent)] == [
        0o600,
        0o700,
        0o700,
    ]


@pytest.mark.skipif(os.name != "posix", reason="elsewhere files have no such mode")
def test_all_in_a_folder_is_taken_from_others_but_for_what_links_lead_to(tmp_path):
    inside, outside = tmp_path / "folder" / "sub" / "a", tmp_path / "outside"
    inside.parent.mkdir(parents=True)
    for path in (inside, outside):
        path.write_bytes(b"")
        path.chmod(0o664)
    (tmp_path / "folder" / "link").symlink_to(outside)
    read_only = tmp_path / "folder" / "read_only"
    read_only.write_bytes(b"")
    read_only.chmod(0o444)
    atomic.make_private(tmp_path / "folder", tmp_path / "none")
    found = (inside, inside.parent, tmp_path / "folder", read_only, outside)
    assert [stat.S_IMODE(path.stat().st_mode) for path in found] == [0o600, 0o700, 0o700, 0o400, 0o664]


def test_what_a_failed_write_left_is_taken_off_before_the_next(tmp_path):
    class Full(io.FileIO):
        """A file on a disk that has room for two bytes."""

        room = 2

        def write(self, data: Any) -> int:
            if not self.room:
                raise OSError(28, "No space left on device")
            count = super().write(data[: self.room])
            self.room -= count
            return count

    path = tmp_path / "a"
    path.write_bytes(b"good\n")
    with Full(path, "a") as file:
        with pytest.raises(OSError, match="No space"):
            atomic.append_whole(file, b"more\n", 5)
        assert path.read_bytes() == b"good\nmo"
        file.room = 100
        assert atomic.append_whole(file, b"more\n", 5) == 10
    assert path.read_bytes() == b"good\nmore\n"
