"""A machine has memory and a disk, and a container less than its machine."""

import os
from pathlib import Path

import pytest

from utils.local_models import machine
from utils.local_models.machine import free_disk_bytes, free_memory_bytes, memory_bytes


def test_memory_is_what_the_system_tells():
    assert 2**28 < memory_bytes() <= os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def test_a_container_has_what_it_may_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(machine, "_LIMITS", (limit,))
    limit.write_text("max\n")
    whole = memory_bytes()
    limit.write_text("1048576\n")
    assert memory_bytes() == 1048576 < whole


def test_what_a_container_has_used_is_not_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(machine, "_LIMITS", (tmp_path / "memory.max",))
    whole = free_memory_bytes()
    (tmp_path / "memory.max").write_text("3000000\n")
    (tmp_path / "memory.current").write_text("1000000\n")
    assert whole and free_memory_bytes() == 2_000_000 < whole


def test_the_disk_of_a_folder_that_is_not_there_yet_is_that_of_what_is_above(tmp_path: Path):
    assert free_disk_bytes(tmp_path / "a" / "b") == pytest.approx(free_disk_bytes(tmp_path), rel=0.1)
