"""What holds for any conversations: the index finds what a plain look at every message finds."""

from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.search.index import SearchIndex
from model.store.json_store import JsonStore
from utils.text.words import is_beginning, words_of

WORDS = st.sampled_from(
    ["river", "Rivers", "riv", "don't", "straße", "STRASSE", "北京", "京北", "é", "x", "🎉", "a_b", "-"]
)
TEXTS = st.lists(WORDS, max_size=4).map(" ".join) | st.text(max_size=12)
NAMES = st.sampled_from(["A", "river b", "北京", "ü"])
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("save"), NAMES, st.lists(TEXTS, max_size=3)),
        st.tuples(st.just("write"), NAMES, TEXTS),
        st.tuples(st.just("remove"), NAMES, st.integers(0, 3)),
        st.tuples(st.just("rename"), NAMES, NAMES),
        st.tuples(st.just("delete"), NAMES),
        st.tuples(st.just("sync")),
    ),
    max_size=10,
)
quick = settings(max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(autouse=True, scope="module")
def no_waiting_for_the_disk():
    with mock.patch("os.fsync"):  # nobody pulls the plug here
        yield


def holds(text: str, phrase: list[str]) -> bool:
    """Return whether the words of a phrase stand in a text in a row, the last one perhaps longer."""
    words, count = words_of(text), len(phrase)
    rows = [words[begin : begin + count] for begin in range(len(words) - count + 1)]
    *first, last = phrase
    return any(
        row[:-1] == first and (row[-1].startswith(last) if is_beginning(last) else row[-1] == last) for row in rows
    )


def naive_search(store: JsonStore, sought: str) -> list[str]:
    """Return what a search should find, in its order, by looking at every text."""
    typed = [words for words in map(words_of, sought.split()) if words]
    exact, others = [], []
    for name in store.names() if typed else []:
        texts = [name, *(message.content for message in store.load(name).messages)]
        if any(holds(text, [word for words in typed for word in words]) for text in texts):
            exact.append(name)
        elif any(all(holds(text, words) for words in typed) for text in texts):
            others.append(name)
    return exact + others


@quick
@given(contents=st.lists(st.lists(TEXTS, min_size=1, max_size=3), max_size=4), sought=TEXTS)
def test_a_search_finds_what_a_plain_look_at_every_message_finds(tmp_path_factory, contents, sought):
    folder = tmp_path_factory.mktemp("store")
    store = JsonStore(folder / "conversations.json")
    for number, texts in enumerate(contents):
        store.save(f"c{number}", Conversation([Message("user", text) for text in texts]))
    index = SearchIndex(folder / "index", store)
    assert [hit.name for hit in index.search(sought)] == naive_search(store, sought)
    for number, texts in enumerate(contents):
        for word in " ".join(texts).split():
            assert not words_of(word) or f"c{number}" in [hit.name for hit in index.search(word)]
    index.close()


def change(store: JsonStore, index: SearchIndex, action: str, *arguments) -> None:
    """Do one thing that a person does; what can't be done is not."""
    known = set(store.names())
    match action, *arguments:
        case "sync", *_:
            index.sync()
        case "save", name, texts:
            store.save(name, Conversation([Message("user", text) for text in texts]), overwrite=True)
        case "write", name, text if name in known and store.load(name).messages:
            store.write(store.load(name).id, [Message("user", text)])
        case "remove", name, place if name in known and store.load(name).messages:
            conversation = store.load(name)
            store.change(conversation.id, [], [message.id for message in conversation.messages[place : place + 1]])
        case "rename", old, new if old in known and new not in known:
            store.rename(old, new)
        case "delete", name if name in known:
            store.delete(name)


def rows_of(index: SearchIndex) -> tuple[list[object], list[object]]:
    """Return what stands in the index, without the numbers that tell in which order it came."""
    words: list[object] = []
    with index._file.reading() as database:
        ids = dict(database.execute("SELECT number, id FROM conversation").fetchall())
        for shard in range(16):
            rows = database.execute(f"SELECT rowid, message_id, text FROM words_{shard}").fetchall()
            words += [(ids[row // 2**24], message_id, text) for row, message_id, text in rows]
        known = database.execute("SELECT id, digest FROM conversation ORDER BY id").fetchall()
    return sorted(words, key=repr), known


@quick
@given(changes=CHANGES)
def test_following_any_changes_comes_to_the_same_as_a_new_index(tmp_path_factory, changes):
    folder = tmp_path_factory.mktemp("store")
    store = JsonStore(folder / "conversations.json")
    followed, new = SearchIndex(folder / "followed", store), SearchIndex(folder / "new", store)
    for step in changes:
        change(store, followed, *step)
    followed.sync()
    new.sync()
    assert rows_of(followed) == rows_of(new)
    followed.close()
    new.close()
