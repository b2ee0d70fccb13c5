"""A damaged file is set aside and told of, what can be read of it lives on, and nothing is ever overwritten."""

import gzip
import json
import os
from pathlib import Path

import pytest

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.errors import StoreUnreadable, StoreUnwritable
from model.store.json_store import JsonStore

A = [{"role": "user", "content": "héllo 👋"}, {"role": "assistant", "content": "hi"}]
B = [{"role": "user", "content": "second"}]
GOOD = json.dumps({"A": A, "B": B}, ensure_ascii=False)
DEEP = "[" * 200_000 + "]" * 200_000


def with_c(value: str) -> bytes:
    return f"{GOOD[:-1]}, {json.dumps('C')}: {value}}}".encode()


DAMAGED: dict[str, tuple[bytes, str]] = {  # what stands in the file, and the names that can be saved out of it
    "empty": (b"", ""),
    "blank": (b" \n\n", ""),
    "NULs": (b"\0" * 4096, ""),
    "half a file": (GOOD.encode()[:-20], "A"),
    "half a conversation": (with_c(json.dumps(A)).split(b'{"role": "assistant", "content": "hi"}]}')[0], "ABC"),
    "last brace missing": (GOOD.encode()[:-1], "AB"),
    "NULs at the end": (GOOD.encode() + b"\0" * 64, "AB"),
    "trailing rubbish": (GOOD.encode() + b"}]", "AB"),
    "two files in one": ((GOOD + GOOD.replace("A", "X")).encode(), "AB"),
    "trailing comma": ((GOOD[:-1] + ",}").encode(), "AB"),
    "a number": (b"42", ""),
    "null": (b"null", ""),
    "a list": (json.dumps(A).encode(), ""),
    "a web page": (b"<!doctype html><title>Sign in</title>", ""),
    "compressed": (gzip.compress(GOOD.encode(), mtime=0), ""),
    "marks of a merge": (("<<<<<<< HEAD\n" + GOOD + "\n=======\n").encode(), ""),
    "single quotes": (GOOD.replace('"', "'").encode(), ""),
    "byte order mark": (GOOD.encode("utf-8-sig"), "AB"),
    "UTF-16": (GOOD.encode("utf-16"), "AB"),
    "UTF-32": (GOOD.encode("utf-32"), "AB"),
    "Latin-1": (GOOD.replace("👋", "").encode("latin-1"), "AB"),
    "a bad byte where nobody looks": (
        with_c('[{"role": "user", "content": "x", "y": "?"}]').replace(b"?", b"\xff"),
        "ABC",
    ),
    "half an emoji": (with_c('[{"role": "user", "content": "\\ud83d"}]'), "ABC"),
    "half an emoji in a name": (GOOD.replace('"B"', '"\\ud83d"').encode(), "A?"),
    "a raw line break in a text": (GOOD.replace("second", "sec\nond").encode(), "AB"),
    "NaN": (with_c('[{"role": "user", "content": "x", "score": NaN}]'), "ABC"),
    "a name stands twice": (with_c("[]").replace(b'"C": []', b'"A": ' + json.dumps(B).encode()), "AB|A (2)"),
    "a conversation is a number": (with_c("5"), "AB"),
    "a conversation is text": (with_c('"x"'), "AB"),
    "a conversation without messages": (with_c("{}"), "AB"),
    "messages are a number": (with_c('{"messages": 1e999}'), "AB"),
    "a message is text": (with_c('["x"]'), "AB"),
    "a message without content": (with_c('[{"role": "user"}]'), "AB"),
    "no role, but others have one": (with_c(json.dumps([{"content": "x"}, *A])), "ABC"),
    "content is null": (with_c('[{"role": "user", "content": null}]'), "AB"),
    "content is a huge number": (with_c('[{"role": "user", "content": 1e999}]'), "AB"),
    "the other shape, one message bad": (with_c(json.dumps({"id": "c", "messages": [7, *A], "metadata": {}})), "ABC"),
    "a number of 5,000 digits": (with_c("1" * 5000), "AB"),
    "nested too deep": (with_c(DEEP), "AB"),
    "nested too deep where nobody looks": (with_c('[{"role": "user", "content": "x", "y": ' + DEEP + "}]"), "AB"),
}


def damaged(path: Path, data: bytes) -> JsonStore:
    """Return a store over a damaged file that nobody has touched for long."""
    path.write_bytes(data)
    os.utime(path, (0, 0))
    return JsonStore(path)


@pytest.mark.parametrize(("data", "saved"), DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_file_is_read_as_far_as_it_goes_and_set_aside_before_the_first_write(tmp_path, data, saved):
    path = tmp_path / "conversations.json"
    store = damaged(path, data)
    names = [*saved.split("|")[0], *saved.split("|")[1:]]
    assert list(reversed(store.names())) == names
    [notice] = store.take_notices()
    count = "Nothing" if not names else "One" if len(names) == 1 else str(len(names))
    assert "conversations.json is damaged" in notice and count in notice
    assert path.read_bytes() == data and [found.name for found in tmp_path.iterdir()] == [path.name]

    conversation = Conversation([Message("user", "life goes on")])
    store.save("new", conversation)
    [aside] = tmp_path.glob("conversations.unreadable-*.json")
    assert aside.read_bytes() == data
    [notice] = store.take_notices()
    assert aside.name in notice and "conversations.json" in notice and count in notice
    assert store.take_notices() == []
    again = JsonStore(path)
    for name in names:
        assert again.load(name).messages
    assert again.load("new") == conversation
    assert again.take_notices() == []
    assert len(list(tmp_path.glob("*unreadable*"))) == 1


def test_all_that_was_readable_is_saved_word_for_word(tmp_path):
    path = tmp_path / "conversations.json"
    shape = {"id": "c", "messages": [*A, {"role": "user"}], "metadata": {"n": 1}}
    store = damaged(path, with_c(json.dumps(shape))[:-1])
    assert store.names() == ["C", "B", "A"]
    store.rename("B", "D")
    saved = json.loads(path.read_text())
    assert [message["content"] for message in saved["A"]] == ["héllo 👋", "hi"]
    assert saved["C"]["metadata"] == {"n": 1}
    assert len(saved["C"]["messages"]) == 2


def test_damage_that_comes_while_the_program_runs_is_noticed_at_the_next_write(tmp_path):
    path = tmp_path / "conversations.json"
    store = JsonStore(path)
    conversation = Conversation([Message("user", "x")])
    store.save("A", conversation)
    path.write_bytes(path.read_bytes()[:-2])
    store.write(conversation.id, [Message("assistant", "y")])
    assert [message.content for message in store.load("A").messages] == ["x", "y"]
    assert len(store.take_notices()) == 1


@pytest.mark.parametrize("write", ["read", "write"])
def test_a_file_that_another_program_writes_in_its_place_is_waited_for(tmp_path, monkeypatch, write):
    path = tmp_path / "conversations.json"
    path.write_text("")
    pieces = [GOOD[begin : begin + 10] for begin in range(0, len(GOOD), 10)]

    def write_more(_seconds: float) -> None:
        if pieces:
            with path.open("a") as file:
                file.write(pieces.pop(0))

    monkeypatch.setattr("time.sleep", write_more)
    store = JsonStore(path)
    if write == "write":
        store.rename("A", "New")
    assert store.names() == ["B", "New" if write == "write" else "A"]
    assert store.take_notices() == []
    assert not list(tmp_path.glob("*unreadable*"))


def test_a_file_that_is_written_in_its_place_for_long_is_read_as_far_as_it_goes_and_never_set_aside(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("model.store.file.shared_file.PATIENCE_TO_READ_S", 0.0)
    monkeypatch.setattr("model.store.file.shared_file.PATIENCE_S", 0.0)
    path = tmp_path / "conversations.json"
    path.write_text(GOOD[:-20])
    seconds = iter(range(100))

    def touch(_seconds: float) -> None:
        second = next(seconds)
        os.utime(path, (second, second))

    monkeypatch.setattr("time.sleep", touch)
    store = JsonStore(path)
    assert store.names() == ["A"]
    with pytest.raises(StoreUnwritable, match="just writing conversations.json"):
        store.save("New", Conversation([Message("user", "new")]))
    assert path.read_text() == GOOD[:-20]
    assert len(store.take_notices()) == 1
    path.write_text(GOOD)
    monkeypatch.undo()
    store.save("New", Conversation([Message("user", "new")]))
    assert store.names() == ["New", "B", "A"] and not list(tmp_path.glob("*unreadable*"))


def test_a_damaged_file_can_be_read_where_nothing_can_be_written(tmp_path, monkeypatch):
    store = damaged(tmp_path / "conversations.json", GOOD.encode()[:-1])
    monkeypatch.setattr("utils.files.atomic.locked", lambda *_: 1 / 0)
    assert store.names() == ["B", "A"]


def test_a_folder_in_its_place_is_left_alone(tmp_path):
    path = tmp_path / "conversations.json"
    path.mkdir()
    (path / "precious.txt").write_text("x")
    for ask in (JsonStore(path).names, lambda: JsonStore(path).save("A", Conversation())):
        with pytest.raises(StoreUnreadable, match="conversations.json") as told:
            ask()
        assert str(path) in told.value.hint
    assert (path / "precious.txt").exists()


def test_a_file_that_may_not_be_opened_is_left_alone(tmp_path, monkeypatch):
    path = tmp_path / "conversations.json"
    path.write_text(GOOD)

    def refuse(_path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    with pytest.raises(StoreUnreadable, match="permission denied"):
        JsonStore(path).names()
    monkeypatch.undo()
    assert path.read_text() == GOOD
    assert [found.name for found in tmp_path.iterdir()] == ["conversations.json"]


def test_two_programs_that_meet_a_damaged_file_set_it_aside_once(tmp_path):
    path = tmp_path / "conversations.json"
    first, second = damaged(path, GOOD.encode()[:-1]), JsonStore(path)
    assert first.names() == second.names() == ["B", "A"]
    first.rename("A", "One")
    second.rename("B", "Two")
    assert first.names() == second.names() == ["Two", "One"]
    assert len([told for told in first.take_notices() + second.take_notices() if "is kept as" in told]) == 1


@pytest.mark.parametrize("cause", ["os.link", "os.replace"])
def test_a_damaged_file_stays_where_it_is_when_it_can_not_be_mended(tmp_path, monkeypatch, cause):
    path = tmp_path / "conversations.json"
    store = damaged(path, GOOD.encode()[:-1])

    def fail(*_args):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("shutil.copy2", fail)
    monkeypatch.setattr(cause, fail)
    with pytest.raises(StoreUnwritable, match="read-only file system"):
        store.rename("A", "One")
    monkeypatch.undo()
    assert store.names() == ["B", "A"]
    assert path.read_bytes() == GOOD.encode()[:-1]
    assert list(tmp_path.glob("*unreadable*")) == []
    store.rename("A", "One")
    assert JsonStore(path).names() == ["B", "One"]


def test_a_damaged_file_is_kept_where_the_disk_knows_no_second_names(tmp_path, monkeypatch):
    path = tmp_path / "conversations.json"
    store = damaged(path, GOOD.encode()[:-1])

    def refuse(*_args):
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    store.rename("A", "One")
    [aside] = tmp_path.glob("*unreadable*")
    assert aside.read_bytes() == GOOD.encode()[:-1] and store.names() == ["B", "One"]
