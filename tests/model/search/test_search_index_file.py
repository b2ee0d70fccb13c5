"""The index's file: private, worth nothing, and without a trace of what was deleted."""

import os
import sqlite3
import stat

import msgspec
import pytest

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.search.index import SearchIndex
from model.store.file_format import entry_of
from model.store.json_store import JsonStore

SECRETS = ("xylophonist", "quetzalcoatl", "zwitterion")


@pytest.fixture
def store(tmp_path):
    store = JsonStore(tmp_path / "conversations.json")
    for number in range(40):
        store.save(f"Conversation {number}", Conversation([Message("user", f"some words, number {number}")]))
    return store


@pytest.fixture
def file(tmp_path):
    return tmp_path / "conversations.json.index"


@pytest.fixture
def index(file, store):
    index = SearchIndex(file, store)
    yield index
    index.close()


def traces(file) -> list[str]:
    """Return the secret words, or the most of one, that stand in the index or beside it."""
    data = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*")).lower()
    return [word for word in SECRETS if word[2:].encode() in data]


def secret() -> Conversation:
    return Conversation([Message("user", "I am a Xylophonist."), Message("assistant", "Quetzalcoatl! A zwitterion?")])


def test_a_deleted_conversation_leaves_no_trace(store, index, file):
    store.save("Xylophonist", secret())
    index.sync()
    assert traces(file) == list(SECRETS)
    store.delete("Xylophonist")
    index.sync()
    assert traces(file) == []


def test_a_deleted_or_changed_message_leaves_no_trace(store, index, file):
    conversation = secret()
    store.save("A", conversation)
    index.sync()
    store.change(conversation.id, [], [conversation.messages[1].id])
    index.sync()
    assert traces(file) == ["xylophonist"]
    store.write(conversation.id, [Message("user", "nothing", id=conversation.messages[0].id)])
    index.sync()
    assert traces(file) == []


def test_an_old_name_leaves_no_trace(store, index, file):
    store.save("The zwitterion", Conversation([Message("user", "x")]))
    index.sync()
    store.rename("The zwitterion", "B")
    assert index.search("b")[0].name == "B"
    assert traces(file) == []


def test_a_deletion_is_made_up_for_after_the_program_ended(store, index, file):
    store.save("A", secret())
    index.sync()
    index.close()
    store.delete("A")
    again = SearchIndex(file, JsonStore(store.path))
    again.sync()
    assert traces(file) == []
    again.close()


def test_a_purge_that_was_cut_short_is_done_the_next_time(store, index, file, monkeypatch):
    store.save("A", secret())
    index.sync()
    store.delete("A")
    with monkeypatch.context() as patch:
        patch.setattr("model.search.index.purge", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            index.sync()
    assert traces(file)
    index.sync()
    assert traces(file) == []


def test_the_file_is_its_owners_only_and_nothing_stays_beside_it(index, file):
    index.sync()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.glob(f"{file.name}*")] == [file.name]


def damage_beginning(file):
    file.write_bytes(b"no database at all" * 100)


def damage_pages(file):
    data = bytearray(file.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    file.write_bytes(data)


def make_older(file):
    database = sqlite3.connect(file)
    database.execute("PRAGMA user_version = 0")
    database.close()


def lose_a_table(file):
    database = sqlite3.connect(file)
    database.execute("DROP TABLE words_3")
    database.close()


def cut_off(file):
    os.truncate(file, file.stat().st_size // 2)


@pytest.mark.parametrize("harm", [damage_beginning, damage_pages, make_older, lose_a_table, cut_off, os.remove])
@pytest.mark.parametrize("is_open", [True, False])
def test_a_file_that_is_gone_or_damaged_or_of_another_form_is_made_anew(store, index, file, harm, is_open):
    assert len(index.search("words")) == 40
    if not is_open:
        index.close()
        index = SearchIndex(file, store)
    harm(file)
    if is_open and harm in (damage_beginning, damage_pages, make_older, cut_off):
        index.close()  # under an open database such harm may stay unseen until a page is read again
        index = SearchIndex(file, store)
    assert len(index.search("words")) == 40
    assert len(index.search("some words")) == 40
    index.close()


def test_a_place_that_can_not_be_written_needs_no_file(store, tmp_path):
    index = SearchIndex(tmp_path, store)
    assert len(index.search("words")) == 40
    store.save("Late", Conversation([Message("user", "some words more")]))
    store.delete("Conversation 7")
    assert len(index.search("words")) == 40 and index.search("words")[0].name == "Late"


def test_a_folder_that_is_read_only_is_searched_all_the_same(store, index, file, monkeypatch):
    def refuse(*_args):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "open", refuse)
    assert len(index.search("words")) == 40
    assert index.usage() == []
    assert not file.exists()


def test_an_index_that_no_longer_fits_goes_on_in_memory_and_leaves_no_file(small_disk):
    store = JsonStore(small_disk / "conversations.json")
    store.save("A", Conversation([Message("user", "the first words")]))
    file = small_disk / "conversations.json.index"
    index = SearchIndex(file, store)
    assert len(index.search("words")) == 1
    fill(small_disk)
    words = " ".join(f"word{number}" for number in range(9000))
    raw = msgspec.Raw(msgspec.json.encode([{"role": "user", "content": words}]))
    store._file._entries = {**store.snapshot(), "B": entry_of("B", raw)}  # as another program may have saved it
    assert [hit.name for hit in index.search("word8999")] == ["B"]
    assert not file.exists()


def test_a_conversation_can_be_deleted_on_a_full_disk_at_the_cost_of_the_index(small_disk):
    store = JsonStore(small_disk / "conversations.json")
    index = SearchIndex(small_disk / "conversations.json.index", store)
    store.spend(index.make_room)
    for number in range(20):
        store.save(f"Conversation {number}", Conversation([Message("user", f"words {number} " * 500)]))
    store.save("Xylophonist", secret())
    index.sync()
    fill(small_disk)
    store.delete("Xylophonist")
    assert JsonStore(store.path).names() == [f"Conversation {number}" for number in reversed(range(20))]
    assert not any(word.encode() in path.read_bytes() for path in small_disk.iterdir() for word in SECRETS)
    assert len(index.search("words")) == 20 and index.search("xylophonist") == []


def fill(disk):
    """Leave no room on a disk."""
    with (disk / "ballast").open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        while True:
            file.write(b"x" * 4096)


def test_what_another_process_takes_out_of_an_older_file_is_found_all_the_same(store, index, file, monkeypatch):
    other = SearchIndex(file, JsonStore(store.path))
    other.sync()
    older = other._store.digests()
    store.save("New", Conversation([Message("user", "a grove")]))
    taking_in = index._take_in
    times: list[int] = []

    def take_in() -> None:
        taking_in()
        if not times:  # between our look at the file and our search
            times.append(1)
            with monkeypatch.context() as patch:
                patch.setattr(other._store, "digests", lambda: dict(older))
                other.sync()

    monkeypatch.setattr(index, "_take_in", take_in)
    assert [hit.name for hit in index.search("grove")] == ["New"]
    other.close()
