"""Python with numpy is offered only where it is found compiled: else each worker would compile it for half a minute."""

import os
from pathlib import Path

import pytest

from utils.sandbox import wasi


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of what is compiled, for a version 1.0 of both packages."""
    monkeypatch.setattr(wasi, "CACHE", tmp_path)
    monkeypatch.setattr(wasi, "version", lambda _package: "1.0")
    tmp_path.chmod(0o700)
    (tmp_path / "compiled-1.0-1.0").touch()
    return tmp_path


def compiled(folder: Path, wasmtime: str = "1.0") -> Path:
    file = folder / f"0123-wasmtime{wasmtime}-plain.cwasm"
    file.touch(mode=0o600)
    return file


def test_what_is_compiled_for_this_version_is_offered(cache: Path):
    compiled(cache)
    assert wasi.is_ready()


def test_a_mark_without_what_it_vouches_for_is_none(cache: Path):
    assert not wasi.is_ready()
    compiled(cache, wasmtime="0.9")
    assert not wasi.is_ready()


def test_what_a_copy_has_left_open_to_others_is_made_private(cache: Path):
    compiled(cache).chmod(0o644)
    cache.chmod(0o755)
    assert wasi.is_ready()
    assert (os.stat(cache).st_mode & 0o777, os.stat(compiled(cache)).st_mode & 0o777) == (0o700, 0o600)


def test_what_belongs_to_somebody_else_is_not_offered(cache: Path, monkeypatch: pytest.MonkeyPatch):
    compiled(cache)
    monkeypatch.setattr(os, "getuid", lambda: os.stat(cache).st_uid + 1)
    assert not wasi.is_ready()
