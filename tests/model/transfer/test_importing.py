"""Import as a whole: names, what is here already, memory, progress, and all or nothing."""

import io
import json
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.errors import StoreUnwritable, UnsupportedFile
from model.store.json_store import JsonStore
from model.transfer import importing
from model.transfer.importing import HERE, TAKEN, Report, import_all


@pytest.fixture
def store(tmp_path) -> JsonStore:
    return JsonStore(tmp_path / "conversations.json")


def chat(title: str, *texts: str, prefix: str = "", at: float = 1.7e9) -> dict[str, Any]:
    """Return one of ChatGPT's conversations."""
    mapping: dict[str, Any] = {}
    parent = None
    for index, text in enumerate(texts):
        node_id = f"{prefix or title}-{index}"
        message = {"author": {"role": "user"}, "content": {"parts": [text]}, "create_time": at + index}
        mapping[node_id] = {"parent": parent, "message": message}
        parent = node_id
    return {"title": title, "mapping": mapping, "current_node": parent}


def imported(store: JsonStore, *chats: dict[str, Any]) -> Report:
    return import_all(io.BytesIO(json.dumps(chats).encode()), store)


def outcomes(report: Report) -> list[tuple[str, str]]:
    return [(row.name, row.outcome) for row in report.rows]


def test_names_that_are_taken_get_a_number(store: JsonStore):
    store.save("Rain", Conversation([Message("user", "mine")]))
    report = imported(store, chat("Rain", "a", prefix="1"), chat("Rain", "b", prefix="2"), chat("", "So\nit goes"))
    assert outcomes(report) == [("Rain (2)", TAKEN), ("Rain (3)", TAKEN), ("So it goes", TAKEN)]
    assert store.load("Rain").messages[0].content == "mine"
    assert store.load("Rain (3)").messages[0].content == "b"


def test_what_is_here_already_is_left_as_it_is(store: JsonStore):
    imported(store, chat("Rain", "a", "b"))
    store.rename("Rain", "Wet")
    before = store.path.read_bytes()
    assert outcomes(imported(store, chat("Rain", "a", "b"))) == [("Rain", HERE)]
    assert store.path.read_bytes() == before


def test_a_conversation_that_has_gone_on_elsewhere_comes_in_as_a_copy_and_only_once(store: JsonStore):
    imported(store, chat("Rain", "a", "b"))
    assert outcomes(imported(store, chat("Rain", "a", "b", "c"))) == [("Rain (2)", TAKEN)]
    assert outcomes(imported(store, chat("Rain", "a", "b", "c"))) == [("Rain", HERE)]
    assert [len(store.load(name).messages) for name in ("Rain", "Rain (2)")] == [2, 3]
    assert store.load("Rain").id != store.load("Rain (2)").id


def test_two_conversations_that_share_a_beginning_both_come_in_and_twins_once(store: JsonStore):
    one, two = chat("One", "a", prefix="x"), chat("Two", "a", "b", prefix="x")
    report = imported(store, one, two, one)
    assert outcomes(report) == [("One", TAKEN), ("Two", TAKEN), ("One", HERE)]
    assert [outcome for _, outcome in outcomes(imported(store, one, two))] == [HERE, HERE]


def test_the_newest_stands_first_in_the_list_whatever_the_order_of_the_file(store: JsonStore):
    store.save("Mine", Conversation([Message("user", "mine")]))
    imported(store, chat("New", "a", at=1.72e9), chat("Old", "b", at=1.6e9), chat("Middle", "c", at=1.7e9))
    assert store.names() == ["New", "Middle", "Old", "Mine"]


def test_the_store_is_written_once(store: JsonStore, monkeypatch: pytest.MonkeyPatch):
    written: list[int] = []

    def write(path: Path, data: bytes) -> None:
        written.append(path.write_bytes(data))

    monkeypatch.setattr("utils.files.atomic.write_whole", write)
    imported(store, *(chat(f"Rain {number}", "a") for number in range(50)))
    assert len(written) == 1 and len(store.names()) == 50


def test_whoever_leaves_in_the_middle_has_changed_nothing(store: JsonStore):
    def leave(fraction: float, count: int) -> None:
        if count == 3:
            raise KeyboardInterrupt

    data = json.dumps([chat(str(number), "a") for number in range(9)]).encode()
    with pytest.raises(KeyboardInterrupt):
        import_all(io.BytesIO(data), store, leave)
    assert store.names() == []


def test_a_disk_that_is_full_changes_nothing(store: JsonStore, monkeypatch: pytest.MonkeyPatch):
    store.save("Mine", Conversation([Message("user", "mine")]))

    def full(path: object, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("utils.files.atomic.write_whole", full)
    with pytest.raises(StoreUnwritable):
        imported(store, chat("Rain", "a"))
    assert JsonStore(store.path).names() == ["Mine"]


def test_progress_grows_to_the_end(store: JsonStore):
    heard: list[float] = []
    data = json.dumps([chat(str(number), "x" * 50_000) for number in range(100)]).encode()
    import_all(io.BytesIO(data), store, lambda fraction, count: heard.append(fraction))
    assert heard == sorted(heard) and heard[0] < 0.5 and heard[-1] == 1.0 and len(heard) == 100


def test_a_zip_in_several_parts_as_chatgpt_sends_it_is_read_whole(store: JsonStore):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("chat.html", "<html>")
        archive.writestr("user.json", '{"id": "x"}')
        archive.writestr("conversations-000.json", json.dumps([chat("One", "a")]))
        archive.writestr("conversations-001.json", json.dumps([chat("Two", "b")]))
    assert outcomes(import_all(packed, store)) == [("One", TAKEN), ("Two", TAKEN)]


def test_a_file_takes_little_more_than_its_size(tmp_path):
    path = tmp_path / "export.json"
    with path.open("w") as file:
        for number in range(400):
            file.write(("," if number else "[") + json.dumps(chat(str(number), *["word " * 100] * 100)))
        file.write("]")
    assert path.stat().st_size > 20_000_000
    tracemalloc.start()
    with path.open("rb") as export:
        assert sum(1 for _ in importing.read(export)) == 400
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 1.5 * path.stat().st_size


@pytest.mark.parametrize("way", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_whose_inside_is_damaged_is_told_in_whichever_way_it_is_packed(store: JsonStore, way: int):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", way) as archive:
        archive.writestr("conversations.json", json.dumps({"A": [{"role": "user", "content": "x" * 3000}]}))
    data = bytearray(packed.getvalue())
    data[50:70] = bytes(byte ^ 0x5A for byte in data[50:70])
    with pytest.raises(UnsupportedFile) as caught:
        import_all(io.BytesIO(bytes(data)), store)
    assert "can't be read from its beginning" in caught.value.hint or "is damaged" in caught.value.message
    assert store.names() == []
