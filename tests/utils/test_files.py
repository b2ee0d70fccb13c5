"""Files are written whole or not at all, and locks hold."""

import os
import stat
import threading
import time
from pathlib import Path

import pytest

from utils import files


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_and_leaves_no_temp_file(tmp_path):
    path = tmp_path / "new" / "a.json"
    files.write_whole(path, b"one")
    files.write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert listing(path.parent) == ["a.json"]


def test_a_new_file_can_be_read_by_its_owner_only(tmp_path):
    files.write_whole(tmp_path / "a", b"")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


def test_the_mode_stays(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"")
    path.chmod(0o664)
    files.write_whole(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o664


@pytest.mark.parametrize("target_exists", [True, False])
def test_a_link_stays_and_its_target_is_written(tmp_path, target_exists):
    target = tmp_path / "elsewhere" / "real.json"
    target.parent.mkdir()
    if target_exists:
        target.write_bytes(b"old")
    link = tmp_path / "link.json"
    link.symlink_to(target)
    files.write_whole(link, b"new")
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
        files.write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert listing(tmp_path) == ["a"]


def test_a_read_only_file_is_refused(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(PermissionError, match="read-only"):
        files.write_whole(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_name_of_255_bytes_can_be_written(tmp_path):
    path = tmp_path / ("n" * 255)
    files.write_whole(path, b"x")
    assert path.read_bytes() == b"x"


def test_a_file_is_set_aside_under_a_dated_name_that_nothing_has(tmp_path):
    path = tmp_path / "conversations.json"
    asides = []
    for number in range(3):
        path.write_text(str(number))
        asides.append(files.set_aside(path))
    assert [aside.read_text() for aside in asides] == ["0", "1", "2"]
    assert all(aside.name.startswith("conversations.unreadable-2") and aside.suffix == ".json" for aside in asides)
    assert not path.exists()


def test_a_stamp_changes_with_every_write_even_of_the_same_size_in_one_tick(tmp_path):
    path = tmp_path / "a"
    files.write_whole(path, b"1")
    first = files.stamp(path)
    files.write_whole(path, b"2")
    os.utime(path, ns=(first[0], first[0]))
    assert files.stamp(path) != first


def test_a_folder_and_a_missing_file_have_no_stamp(tmp_path):
    with pytest.raises(OSError, match="not a file"):
        files.stamp(tmp_path)
    with pytest.raises(FileNotFoundError):
        files.stamp(tmp_path / "none")


def test_a_lock_lets_one_thread_in_at_a_time(tmp_path):
    path = tmp_path / "counter"
    path.write_text("0")

    def count():
        for _ in range(25):
            with files.locked(path):
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
    with files.locked(tmp_path / "a"), pytest.raises(TimeoutError):
        files.locked(tmp_path / "a", wait_s=0.02).acquire()


def test_a_link_has_the_same_lock_as_its_target(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "a")
    with files.locked(tmp_path / "a"), pytest.raises(TimeoutError):
        files.locked(tmp_path / "link", wait_s=0).acquire()


def test_a_lock_may_be_released_by_another_thread(tmp_path):
    lock = files.locked(tmp_path / "a")
    lock.acquire()
    thread = threading.Thread(target=files.unlock_and_remove, args=[lock])
    thread.start()
    thread.join()
    with files.locked(tmp_path / "a", wait_s=0):
        assert listing(tmp_path) == ["a.lock"]


def test_only_old_temp_files_are_leftovers(tmp_path):
    old, young, other = tmp_path / "a.x.half-written", tmp_path / "b.y.half-written", tmp_path / "c"
    for path in (old, young, other):
        path.write_bytes(b"")
    os.utime(old, (0, 0))
    os.utime(other, (0, 0))
    files.remove_leftovers(tmp_path)
    assert listing(tmp_path) == ["b.y.half-written", "c"]
