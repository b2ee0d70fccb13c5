"""What a search finds, and that the index follows the store."""

import json
import threading

import pytest

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.search.index import SearchIndex
from model.store.json_store import JsonStore
from tests.conversations import talk
from utils.text.words import MARK_BEGIN, MARK_END


@pytest.fixture
def path(tmp_path):
    return tmp_path / "conversations.json"


@pytest.fixture
def store(path):
    return JsonStore(path)


@pytest.fixture
def index(path, store):
    index = SearchIndex(path.with_name("conversations.json.index"), store)
    yield index
    index.close()


def names(index: SearchIndex, text: str, **options: int) -> list[str]:
    return [hit.name for hit in index.search(text, **options)]


def test_all_words_must_be_in_one_name_or_message_and_the_exact_phrase_comes_first(store, index):
    store.save("Holiday", talk("We cycle along the RIVER Danube"))
    store.save("danube by the river", talk("x"))
    store.save("Apart", talk("river", "danube"))
    store.save("STRASSE", talk("y"))
    assert names(index, "River  danube") == ["Holiday", "danube by the river"]
    assert names(index, "straße") == ["STRASSE"]
    assert names(index, "nowhere") == []


def test_the_newest_saved_come_first_and_no_more_than_the_limit(store, index):
    for name in "ABCD":
        store.save(name, talk("same words"))
    assert names(index, "words") == ["D", "C", "B", "A"]
    store.write(store.load("A").id, [Message("user", "more")])
    assert names(index, "words", limit=2) == ["A", "D"]


def test_a_word_is_found_by_its_beginning_but_not_by_one_letter(store, index):
    store.save("A", talk("The river Danube"))
    assert names(index, "riv dan") == names(index, "ri") == ["A"]
    assert names(index, "iver") == names(index, "r") == []


def test_a_hit_tells_the_message_and_shows_it_around_the_words(store, index):
    conversation = talk("Hello", "The Danube is long", "The Danube rises in Germany")
    store.save("Rivers", conversation)
    hit = index.search("danube rises")[0]
    assert (hit.conversation_id, hit.name, hit.message_id) == (conversation.id, "Rivers", conversation.messages[2].id)
    assert hit.snippet == f"The {MARK_BEGIN}Danube rises{MARK_END} in Germany"
    by_name = index.search("rivers")[0]
    assert (by_name.message_id, by_name.snippet) == ("", f"{MARK_BEGIN}Rivers{MARK_END}")


@pytest.mark.parametrize("sought", ["北京", "京吃", "が好", "ภาษา", "カタ"])
def test_scripts_without_spaces_are_searched_for_any_part(store, index, sought):
    store.save("A", talk("我在北京吃饭", "日本語が好き", "ฉันเรียนภาษาไทย", "カタカナ"))
    store.save("B", talk("京北", "好が", "ナカ"))
    assert names(index, sought) == ["A"]


@pytest.mark.parametrize("text", ["", " ", "\0", '"', "*", "- -", "()", "🎉", "\ud800", "'; --", "^:{}"])
def test_what_has_no_words_finds_nothing(store, index, text):
    store.save("A", talk("x"))
    assert index.search(text) == []


@pytest.mark.parametrize(
    "text", ['"quoted', "AND", "NOT quoted", "quoted OR", "NEAR(quoted)", "text:quoted", "quoted*", "-quoted", "a\0b"]
)
def test_whatever_is_typed_is_only_words(store, index, text):
    store.save("A", talk(f"It is quoted: {text}"))
    assert names(index, text) == ["A"]
    assert index.search(f"{text} absent " * 300) == []


def test_of_a_long_text_the_beginning_is_sought(store, index):
    store.save("A", talk("long " * 1000, "a" * 9000))
    assert names(index, "long " * 1000) == names(index, "a" * 9000) == ["A"]


def test_messages_of_all_branches_are_found_and_summaries_are_not(store, index):
    first, other = Message("user", "first way", parent=""), Message("user", "second way", parent="")
    summary = Message("assistant", "condensed", parent=first.id, summary_of=first.id)
    store.save("A", Conversation([first, summary], beside=[other]))
    assert names(index, "first way") == names(index, "second way") == ["A"]
    assert index.search("condensed") == []


def test_changes_of_the_store_are_followed(store, index):
    conversation = talk("apple", "pear")
    store.save("A", conversation)
    assert names(index, "apple") == ["A"]
    conversation.messages[0].content = "apricot"
    store.write(conversation.id, [conversation.messages[0], Message("user", "plum")])
    assert names(index, "apple") == []
    assert names(index, "apricot") == names(index, "plum") == names(index, "pear") == ["A"]
    store.rename("A", "Fruit")
    assert (names(index, "fruit"), names(index, "A"), names(index, "pear")) == (["Fruit"], [], ["Fruit"])
    store.change(conversation.id, [], [conversation.messages[1].id])
    assert names(index, "pear") == []
    store.delete("Fruit")
    assert names(index, "plum") == []


def test_what_another_program_does_to_the_file_is_followed(store, index, path):
    store.save("A", talk("apple"))
    assert names(index, "apple") == ["A"]
    path.write_text(json.dumps({"B": [{"role": "user", "content": "pear"}]}))
    assert (names(index, "apple"), names(index, "pear")) == ([], ["B"])
    path.unlink()
    assert names(index, "pear") == []


def test_message_ids_agree_with_what_the_app_loads(store, index, path):
    block = [{"role": "user", "content": "no id"}, {"role": "user", "content": "a twin", "id": "same"}]
    path.write_text(json.dumps({"A": block * 2, "B": block, "C": {"messages": block, "metadata": {}}, "D": []}))
    for name in "ABC":
        loaded = store.load(name)
        hits = {hit.name: hit for text in ("id", "twin") for hit in index.search(text)}
        assert hits[name].conversation_id == loaded.id
        assert hits[name].message_id in {message.id for message in loaded.messages}
    [hit] = index.search("D")
    assert hit.name == store.find(hit.conversation_id).name == "D"


def test_values_of_wrong_types_break_nothing(store, index, path):
    odd = [None, True, -1, 10**30, 1.5, "x", [], {}, [None], {"background": [1, {"kind": 5, "created_at": []}]}]
    keys = ["created_at", "conversation", "summary_of", "prompt_token_count", "model_name", "provider", "id"]
    messages = [{"role": "user", "content": "fine", key: value} for key in keys for value in odd]
    path.write_text(json.dumps({f"c{number}": [message] for number, message in enumerate(messages)}))
    assert len(index.search("fine", limit=100)) == len(messages) - 1  # one has a `summary_of`
    assert index.usage() == []
    path.write_text('{"A": [{"role": "user", "content": "fine", "provider": 1e999, "prompt_token_count": 1}]}')
    assert names(index, "fine") == ["A"]


def test_threads_may_search_while_one_syncs(store, index):
    for number in range(40):
        store.save(f"Conversation {number}", talk("needle"))
    found: list[int] = []

    def search():
        index.sync()
        found.extend(len(index.search("needle")) for _ in range(5))

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [40] * 20


def test_two_processes_may_share_the_file(store, index, path):
    other_store = JsonStore(path)
    other = SearchIndex(path.with_name("conversations.json.index"), other_store)
    for number in range(5):
        (store, other_store)[number % 2].save(f"c{number}", talk("needle"))
        assert len(names(index, "needle")) == len(names(other, "needle")) == number + 1
        (other_store, store)[number % 2].write(store.load("c0").id, [Message("user", f"extra{number}")])
        assert names(other, f"extra{number}") == names(index, f"extra{number}") == ["c0"]
    other.close()


def test_a_snippet_has_no_marks_of_markdown_unless_the_hit_is_in_them(store, index):
    store.save(
        "A", Conversation([Message("user", "## How **rain** forms\n\nSee [the docs](https://example.com/xyzzy).")])
    )
    [hit] = index.search("rain")
    assert hit.snippet.replace(MARK_BEGIN, "[").replace(MARK_END, "]") == "How [rain] forms See the docs."
    [hit] = index.search("xyzzy")
    assert f"{MARK_BEGIN}xyzzy{MARK_END}" in hit.snippet
