"""What is recalled, and that the memory follows the store."""

import json
import threading

import pytest

from model.chat.conversation import Conversation
from model.chat.message import FAILED, Message
from model.errors import AllDeleted
from model.log.memory.index import ALL, MemoryIndex, Wanted
from model.store.json_store import JsonStore
from tests.conversations import talk
from tests.words_encoder import WordsEncoder


@pytest.fixture
def store(tmp_path):
    return JsonStore(tmp_path / "conversations.json")


@pytest.fixture
def encoder():
    return WordsEncoder()


@pytest.fixture
def index(tmp_path, store, encoder):
    index = MemoryIndex(tmp_path / "conversations.json.memory", store, encoder)
    yield index
    index.close()


def recalled(index: MemoryIndex, text: str, count: int = 3, wanted: Wanted = ALL) -> list[str]:
    index.sync()
    return [one.text for one in index.search(text, count, wanted)]


def test_the_passage_that_fits_best_comes_first_with_its_place(store, index):
    conversation = talk("My dentist is Dr. Kim in the old town.", "Noted.", "We cycle along the river.")
    store.save("Teeth", conversation)
    store.save("Other", talk("My cat is called Tom."))
    index.sync()
    best = index.search("Who is my dentist?", 3)[0]
    assert best.text == "My dentist is Dr. Kim in the old town."
    assert (best.conversation_id, best.conversation) == (conversation.id, "Teeth")
    assert best.message_id == conversation.messages[0].id


def test_an_answer_is_found_by_its_question_and_a_question_alone_is_none(store, index):
    store.save("A", talk("Which soil do tomatoes want?", "Loose, and rich in humus."))
    index.sync()
    [found] = index.search("soil for tomatoes", 5)
    assert (found.text, found.question) == ("Loose, and rich in humus.", "Which soil do tomatoes want?")


def test_thoughts_summaries_instructions_failures_and_tools_are_not_remembered(store, index):
    messages = [
        Message("system", "secret words of a system"),
        Message("user", "secret words that are said"),
        Message("assistant", "secret words of an answer", thinking="secret thought"),
        Message("assistant", "secret words that failed", status=FAILED),
        Message("tool", "secret words of a tool"),
    ]
    messages.append(Message("assistant", "secret words in a summary", summary_of=messages[0].id))
    store.save("A", Conversation(messages))
    assert sorted(recalled(index, "secret words", 9)) == ["secret words of an answer", "secret words that are said"]
    assert not any("thought" in text for text in index._encoder.encoded)


def test_all_branches_are_remembered(store, index):
    first, other = Message("user", "the first way", parent=""), Message("user", "the other way", parent="")
    store.save("A", Conversation([first], beside=[other]))
    assert sorted(recalled(index, "way")) == ["the first way", "the other way"]


def test_changes_of_the_store_are_followed_and_only_what_is_new_is_encoded(store, index, encoder):
    conversation = talk("the apple is red", "so is a pear")
    store.save("A", conversation)
    assert recalled(index, "apple")[0] == "the apple is red"
    conversation.messages[0].content = "the apricot is red"
    encoder.encoded.clear()
    store.write(conversation.id, [conversation.messages[0], Message("user", "plums are blue")])
    index.sync()
    assert encoder.encoded == ["plums are blue", "the apricot is red"]
    assert "the apple is red" not in recalled(index, "apple", 9)
    assert recalled(index, "plums")[0] == "plums are blue"
    store.rename("A", "Fruit")
    index.sync()
    assert index.search("apricot", 1)[0].conversation == "Fruit"
    store.delete("Fruit")
    assert recalled(index, "apricot") == []


def test_what_another_program_does_to_the_file_is_followed(tmp_path, store, index):
    store.save("A", talk("the apple is red"))
    assert recalled(index, "apple") == ["the apple is red"]
    store.path.write_text(json.dumps({"B": [{"role": "user", "content": "the pear is green"}]}))
    assert recalled(index, "pear") == ["the pear is green"]
    store.path.unlink()
    assert recalled(index, "pear") == []


def test_two_processes_may_share_the_file(tmp_path, store, index):
    encoder = WordsEncoder()
    other = MemoryIndex(tmp_path / "conversations.json.memory", JsonStore(store.path), encoder)
    for number in range(4):
        store.save(f"c{number}", talk(f"needle number {number}"))
        assert len(recalled((index, other)[number % 2], "needle", 9)) == number + 1
    assert "needle number 0" not in encoder.encoded  # the other one has done it
    store.delete("c0")
    other.sync()
    assert len(index.search("needle", 9)) == 3
    other.close()


def test_only_what_was_said_since_and_until_is_recalled(store, index):
    days = {day: Message("user", f"tea on day {day}", created_at=f"2026-03-0{day}T12:00:00+00:00") for day in (1, 2, 3)}
    store.save("A", Conversation(list(days.values())))
    index.sync()
    second_s = 1772452800.0  # 2 March 2026, 12:00 UTC
    found = index.search("tea", 9, Wanted(second_s - 60, second_s + 60))
    assert [(one.text, one.said_at_s) for one in found] == [("tea on day 2", second_s)]


def test_what_stands_in_the_conversation_anyway_is_not_recalled(store, index):
    conversation = talk("tea is fine", "ok tea", "tea is green")
    store.save("A", conversation)
    store.save("B", talk("tea is black"))
    ids = [message.id for message in conversation.messages[:2]]
    wanted = Wanted(conversation_id=conversation.id or "", without=ids)
    assert sorted(recalled(index, "tea", 9, wanted)) == ["tea is black", "tea is green"]


def test_a_long_message_is_found_at_its_passage_once(store, index):
    paragraphs = [f"Paragraph {number} is about item{number}. " + "filler " * 100 for number in range(6)]
    store.save("A", talk("\n\n".join(paragraphs)))
    [found] = [one for one in recalled(index, "item4", 9)]
    assert "item4" in found and "item1 " not in found


def test_what_is_asked_to_end_goes_on_where_it_ended(store, index, encoder):
    store.save("A", talk(*(f"message {number} tells a thing" for number in range(60))))
    answers = iter([True, False])
    assert not index.sync(lambda: next(answers))
    some = len(encoder.encoded)
    assert 0 < some < 60
    assert index.share() == 0.0
    assert index.search("message tells", 1)[0].text.startswith("message")
    assert index.sync()
    assert len(encoder.encoded) == 61 and index.share() == 1.0  # with the question


def test_what_is_deleted_while_it_is_encoded_is_not_taken_in(store, index, encoder):
    store.save("A", talk("a secret thing"))
    encoder.when_asked = lambda: store.delete("A") if store.names() else None
    assert index.sync()
    encoder.when_asked = lambda: None
    assert index.search("secret", 3) == []


def test_another_encoder_makes_all_anew(tmp_path, store, index):
    store.save("A", talk("the apple is red"))
    index.sync()
    encoder = WordsEncoder("other")
    other = MemoryIndex(tmp_path / "conversations.json.memory", store, encoder)
    assert recalled(other, "apple") == ["the apple is red"]
    assert encoder.encoded[0] == "the apple is red"
    other.close()


def test_many_small_changes_do_not_make_it_slow_or_wrong(store, index):
    for number in range(40):
        store.save(f"c{number}", talk(f"thing{number} is here"))
        if number % 3 == 2:
            store.delete(f"c{number - 1}")
        index.sync()
        index.search("thing", 3)
    assert len(index._matrix._parts) <= 25
    assert recalled(index, "thing38")[0] == "thing38 is here"
    assert "thing37 is here" not in recalled(index, "thing37", 40)


def test_threads_may_ask_while_one_syncs(store, index):
    for number in range(30):
        store.save(f"Conversation {number}", talk("needle in it"))
    found: list[int] = []

    def work():
        index.sync()
        found.extend(len(index.search("needle", 40)) for _ in range(3))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [30] * 12


def test_after_its_end_nothing_is_read_or_written(store, index, tmp_path):
    index.sync()
    index.close()
    (tmp_path / "conversations.json.memory").unlink()
    with pytest.raises(AllDeleted):
        index.search("x", 1)
    assert not (tmp_path / "conversations.json.memory").exists()


@pytest.mark.parametrize("text", ["", "\0", "???", "\ud800", "🎉", "a" * 9000])
def test_whatever_is_asked_harms_nothing(store, index, text):
    store.save("A", talk("x y z tells \ud800"))
    index.sync()
    index.search(text, 3)
