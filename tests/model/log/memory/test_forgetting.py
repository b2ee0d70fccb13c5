"""The memory's file: private, worth nothing, and without a trace of what was deleted."""

import stat

import numpy as np
import pytest

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.log.memory.index import MemoryIndex
from model.log.memory.tables import TERMS, VECTOR
from model.store.json_store import JsonStore
from tests.conversations import talk
from tests.words_encoder import WordsEncoder
from utils.retrieval.bm25 import terms_of

SECRETS = ("I am a xylophonist by trade", "The quetzalcoatl is a zwitterion")


@pytest.fixture
def store(tmp_path):
    store = JsonStore(tmp_path / "conversations.json")
    for number in range(40):
        store.save(f"Conversation {number}", talk(f"some words, number {number}"))
    return store


@pytest.fixture
def file(tmp_path):
    return tmp_path / "conversations.json.memory"


@pytest.fixture
def index(file, store):
    index = MemoryIndex(file, store, WordsEncoder())
    yield index
    index.close()


def traces(file) -> list[str]:
    """Return the secrets of which words, their numbers, a vector or an id stand in the file or beside it."""
    data = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
    return [text for text in SECRETS if any(mark in data for mark in marks(text))]


def marks(text: str) -> list[bytes]:
    vector = WordsEncoder().encode([text])[0].astype(VECTOR)
    inner = vector[int(np.flatnonzero(vector)[0]) :][:64].tobytes()
    return [text.encode(), inner, np.array(terms_of(text), TERMS).tobytes()[4:]]


def secret() -> Conversation:
    return Conversation([Message("user", SECRETS[0], id="1" * 32), Message("user", SECRETS[1], id="2" * 32)])


def ids_left(file) -> list[bytes]:
    data = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
    return [id for id in (b"1" * 32, b"2" * 32) if id in data]


def test_the_marks_are_there_before(store, index, file):
    store.save("A", secret())
    index.sync()
    assert traces(file) == list(SECRETS) and len(ids_left(file)) == 2
    assert not any(word.encode() in file.read_bytes() for word in ("xylophonist", "zwitterion", "some"))


def test_a_deleted_conversation_leaves_no_vector_no_word_and_no_id(store, index, file):
    store.save("A", secret())
    index.sync()
    store.delete("A")
    index.forget()
    assert traces(file) == [] and ids_left(file) == []


def test_a_deleted_or_changed_message_leaves_no_trace_though_nothing_is_encoded(store, index, file):
    conversation = secret()
    store.save("A", conversation)
    index.sync()
    index._encoder.encoded.clear()
    store.change(conversation.id, [], [conversation.messages[1].id])
    index.forget()
    assert traces(file) == [SECRETS[0]]
    store.write(conversation.id, [Message("user", "nothing much", id=conversation.messages[0].id)])
    index.forget()
    assert traces(file) == [] and index._encoder.encoded == []


def test_a_deletion_is_made_up_for_after_the_program_ended(store, index, file):
    store.save("A", secret())
    index.sync()
    index.close()
    store.delete("A")
    again = MemoryIndex(file, JsonStore(store.path), WordsEncoder())
    again.sync()
    assert traces(file) == []
    again.close()


def test_the_file_is_its_owners_only_and_nothing_stays_beside_it(index, file):
    index.sync()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.glob(f"{file.name}*")] == [file.name]


@pytest.mark.parametrize("harm", [lambda file: file.write_bytes(b"no database" * 500), lambda file: file.unlink()])
def test_a_file_that_is_gone_or_damaged_is_made_anew(store, index, file, harm):
    index.sync()
    assert len(index.search("some words", 50)) == 40
    index._file.close()
    harm(file)
    store.save("New", talk("quite another thing"))
    index.sync()
    assert index.search("quite another thing", 1)[0].text == "quite another thing"
    assert len(index.search("some words", 50)) == 41


def test_a_place_that_can_not_be_written_needs_no_file(store, tmp_path):
    index = MemoryIndex(tmp_path, store, WordsEncoder())
    index.sync()
    assert len(index.search("some words", 50)) == 40
    index.close()
