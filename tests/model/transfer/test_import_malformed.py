"""Files that are no good: one clear sentence, or what is good in them and an account of the rest; never a traceback."""

import io
import json
import zipfile
from typing import Any

import pytest

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.errors import InputError
from model.store.json_store import JsonStore
from model.transfer import importing


def chat(title: Any = "T", **more: Any) -> dict[str, Any]:
    """Return a good conversation of ChatGPT's, with some keys changed."""
    message = {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["Hi"]}}
    return {"title": title, "mapping": {"a": {"parent": None, "message": message}}, "current_node": "a", **more}


def zipped(data: bytes, name: str = "conversations.json", **how: Any) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", **how) as archive:
        archive.writestr(name, data)
    return packed.getvalue()


def locked() -> bytes:
    """Return a ZIP that says it has a password."""
    data = bytearray(zipped(b"[]"))
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


GOOD = json.dumps(chat())
DEEP = "[" * 10_000 + "]" * 10_000
USELESS = {
    "empty": b"",
    "spaces": b"  \n ",
    "binary": bytes(range(256)) * 50,
    "html": b"<!DOCTYPE html><html><body>chat</body></html>",
    "a picture": b"\x89PNG\r\n\x1a\n" + b"\0" * 500,
    "a number": b"42",
    "a text": b'"conversations"',
    "null": b"null",
    "an empty list": b"[]",
    "an empty object": b"{}",
    "a list of nulls": b"[null, null]",
    "a list of numbers": b"[1, 2.5, true]",
    "cut in the first conversation": GOOD[:40].encode(),
    "a cut list": b"[" + GOOD[:-3].encode(),
    "no mapping in it": json.dumps([{"title": "T", "mapping": None}]).encode(),
    "a mapping that is a list": json.dumps([chat(mapping=[1, 2])]).encode(),
    "nodes of wrong types": json.dumps([chat(mapping={"a": None, "b": 3, "c": [], "d": {"message": 5}})]).encode(),
    "messages of wrong types": json.dumps([chat(mapping={"a": {"message": {"author": 1, "content": 2}}})]).encode(),
    "open webui of wrong types": json.dumps([{"chat": {"history": {"messages": [1]}, "messages": 3}}]).encode(),
    "open webui's null messages": json.dumps([{"chat": {"history": {"messages": {"a": None}}}}]).encode(),
    "librechat of wrong types": json.dumps({"conversationId": 1, "messages": {"a": 1}}).encode(),
    "librechat's null messages": json.dumps({"conversationId": "x", "messages": [None, 3, []]}).encode(),
    "own messages without text": json.dumps({"T": [{"role": "user"}, {"content": "x"}, None]}).encode(),
    "own names with numbers": json.dumps({"T": 5, "U": "x"}).encode(),
    "nested ten thousand deep": DEEP.encode(),
    "deep in a conversation": f'[{{"mapping": {DEEP}}}]'.encode(),
    "an unfinished string": b'[{"mapping": "' + b"x" * 5000,
    "an empty zip": b"PK\x05\x06" + b"\0" * 18,
    "a zip without json": zipped(b"# Hi", "Hi.md"),
    "a damaged zip": b"PK\x03\x04" + b"\xff" * 100,
    "a locked zip": locked(),
    "a zip bomb": zipped(b"[" + b" " * 30_000_000 + b"]", compression=zipfile.ZIP_DEFLATED),
    "a zip in a zip": zipped(zipped(b"[]"), "inner.zip"),
}


@pytest.fixture
def store(tmp_path) -> JsonStore:
    """Return a store with one conversation in it."""
    made = JsonStore(tmp_path / "conversations.json")
    made.save("Mine", Conversation([Message("user", "mine")]))
    return made


@pytest.mark.parametrize("data", USELESS.values(), ids=USELESS.keys())
def test_a_useless_file_is_refused_with_a_sentence_and_nothing_changes(store: JsonStore, data: bytes):
    before = store.path.read_bytes()
    with pytest.raises(InputError) as caught:
        importing.import_all(io.BytesIO(data), store)
    assert caught.value.message.endswith(".") and caught.value.hint.endswith(".")
    assert "Traceback" not in caught.value.message and store.path.read_bytes() == before


HALF_GOOD = {
    "cut in the second": f"[{GOOD}, {GOOD[:-5]}".encode(),
    "garbage behind it": f"[{GOOD}] garbage".encode(),
    "a null beside it": f"[null, {GOOD}, 3, []]".encode(),
    "a byte order mark": b"\xef\xbb\xbf" + f"[{GOOD}]".encode(),
    "utf-16": f"[{GOOD}]".encode("utf-16"),
    "not in a list": GOOD.encode(),
    "a title of a wrong type": json.dumps([chat(title=["x"])]).encode(),
    "an endless title": json.dumps([chat(title="T" * 100_000)]).encode(),
    "a title of control characters": json.dumps([chat(title="\0\n\u202e")]).encode(),
    "a current node that is gone": json.dumps([chat(current_node="gone")]).encode(),
    "no current node": json.dumps([{"mapping": chat()["mapping"]}]).encode(),
    "no title": json.dumps([{"mapping": chat()["mapping"], "title": None}]).encode(),
    "NaN and huge numbers": f'[{GOOD[:-1]}, "create_time": NaN, "x": 1e999, "y": 1{"0" * 4000}}}]'.encode(),
    "half an emoji": GOOD.replace("Hi", "Hi \\ud83d").encode(),
    "keys that stand twice": f'[{GOOD[:-1]}, "title": "U", "title": "V"}}]'.encode(),
    "bytes that are no text": GOOD.replace("Hi", "Hi \xff").encode("latin-1"),
    "a zip of another name": zipped(f"[{GOOD}]".encode(), "export/chats.json"),
    "a zip that leads up": zipped(f"[{GOOD}]".encode(), "../../conversations.json"),
}


@pytest.mark.parametrize("data", HALF_GOOD.values(), ids=HALF_GOOD.keys())
def test_what_is_good_in_a_file_is_taken_and_the_rest_is_told(store: JsonStore, data: bytes):
    report = importing.import_all(io.BytesIO(data), store)
    assert report.count(importing.TAKEN) == 1
    name = next(row.name for row in report.rows if row.outcome == importing.TAKEN)
    assert store.load(name).messages[0].content.startswith("Hi")
    assert store.load("Mine").messages[0].content == "mine"
    assert JsonStore(store.path).names() == [name, "Mine"] and JsonStore(store.path).take_notices() == []


def test_a_file_that_breaks_off_says_after_how_many(store: JsonStore):
    report = importing.import_all(io.BytesIO(HALF_GOOD["cut in the second"]), store)
    assert report.damage.startswith("The file can't be read after conversation 1: it ")


def test_a_zip_that_breaks_off_in_the_middle_gives_what_came_before(store: JsonStore):
    chats = ",".join(
        json.dumps(chat(f"{number}", x="x" * 5000)).replace('"a"', f'"{number}"') for number in range(1000)
    )
    data = bytearray(zipped(f"[{chats}]".encode(), compression=zipfile.ZIP_STORED))
    at = len(data) // 2
    data[at : at + 4] = b"\0]}["
    report = importing.import_all(io.BytesIO(bytes(data)), store)
    assert report.damage and report.count(importing.TAKEN) > 100


@pytest.mark.parametrize("path", ["", "/nowhere/at/all.json", "~nobody-here/x", "a\0b", "/"])
def test_a_path_that_leads_nowhere_is_told(path: str):
    with pytest.raises(InputError):
        importing.open_import(path)
