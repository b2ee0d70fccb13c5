"""Keys of people, asked for by many threads."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from controller.people.keys import PersonKeys
from tests.waiting import PATIENCE_S


def test_a_key_opens_while_another_thread_is_still_reading_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    keys = PersonKeys(tmp_path / "keys.json")
    key = keys.make("ann@example.org")
    is_reading, may_end, read = Event(), Event(), Path.read_bytes

    def read_bytes(path: Path) -> bytes:
        if not is_reading.is_set():
            is_reading.set()
            may_end.wait(PATIENCE_S)
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(keys.person, key)
        assert is_reading.wait(PATIENCE_S)
        try:
            assert keys.person(key) == "ann@example.org"
        finally:
            may_end.set()
        assert first.result() == "ann@example.org"
