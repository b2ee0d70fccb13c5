"""Facts on disk: nothing is lost, whatever the file holds and whoever writes at the same time."""

import json
import stat
from threading import Thread

import pytest

from model.errors import InputError, StoreUnreadable, StoreUnwritable
from model.log.facts import LONGEST, MOST_FACTS, Fact, FactStore, fitting_facts, told_here


@pytest.fixture
def facts(tmp_path):
    return FactStore(tmp_path / "folder" / "conversations.json.facts")


def texts(facts: FactStore) -> list[str]:
    return [fact.text for fact in facts.all()]


def test_a_fact_is_kept_with_where_it_comes_from_and_the_newest_comes_first(facts):
    facts.add(Fact("I like tea.", conversation_id="c", message_id="m"))
    facts.add(Fact("I  live\nin Bern."))
    newest, first = facts.all()
    assert (newest.text, first.text) == ("I live in Bern.", "I like tea.")
    assert (first.conversation_id, first.message_id, bool(first.created_at)) == ("c", "m", True)
    assert stat.S_IMODE(facts.path.stat().st_mode) == 0o600


def test_what_is_said_twice_is_kept_once_but_for_each_scope(facts):
    one = facts.add(Fact("I like tea."))
    assert facts.add(Fact("i like TEA")).id == one.id
    facts.add(Fact("I like tea.", scope="cook"))
    assert len(texts(facts)) == 2
    assert [fact.scope for fact in told_here(facts.all(), "")] == [""]
    assert len(told_here(facts.all(), "cook")) == 2


def test_a_fact_is_changed_forgotten_and_put_back(facts):
    one, two = facts.add(Fact("I like tea.")), facts.add(Fact("I live in Bern."))
    facts.change(one.id, "I like coffee.")
    assert texts(facts) == ["I live in Bern.", "I like coffee."]
    gone = facts.forget(one.id)
    assert texts(facts) == ["I live in Bern."] and "coffee" not in facts.path.read_text()
    facts.put_back(gone)
    facts.put_back(gone)
    assert texts(facts) == ["I live in Bern.", "I like coffee."]
    assert facts.all()[1].changed_at and facts.all()[0].id == two.id


@pytest.mark.parametrize("text", ["", "  \n", "…!", "x" * (LONGEST + 1)])
def test_what_is_no_fact_is_refused_in_a_sentence(facts, text):
    with pytest.raises(InputError) as refused:
        facts.add(Fact(text))
    assert refused.value.message.endswith(".") and refused.value.hint
    assert not facts.path.exists()


def test_no_more_than_the_limit_are_kept(facts):
    facts.path.parent.mkdir()
    facts.path.write_text(json.dumps({"facts": [{"text": f"fact {n}"} for n in range(MOST_FACTS)]}))
    with pytest.raises(InputError):
        facts.add(Fact("one more"))


@pytest.mark.parametrize("damage", ["{", "[]", '{"facts": 1}', '{"facts": [1]}', '{"facts": [{}]}', "[" * 9000])
def test_a_damaged_file_is_told_and_left_as_it_is(facts, damage):
    facts.path.parent.mkdir()
    facts.path.write_text(damage)
    for work in (facts.all, lambda: facts.add(Fact("I like tea.")), lambda: facts.forget("x")):
        with pytest.raises(StoreUnreadable):
            work()
    assert facts.path.read_text() == damage


def test_what_another_version_wrote_stays(facts):
    facts.path.parent.mkdir()
    facts.path.write_text('{"form": 7, "facts": [{"text": "I like tea.", "id": "a", "mood": "happy"}]}')
    facts.add(Fact("I live in Bern."))
    told = json.loads(facts.path.read_text())
    assert told["form"] == 7 and told["facts"][0] == {"text": "I like tea.", "id": "a", "mood": "happy"}


def test_many_may_write_at_once(facts):
    threads = [Thread(target=facts.add, args=(Fact(f"fact {number}"),)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(texts(facts)) == sorted(f"fact {number}" for number in range(12))


def test_a_full_disk_loses_nothing(facts, disk):
    facts.add(Fact("I like tea."))
    disk.is_full = True
    with pytest.raises(StoreUnwritable):
        facts.add(Fact("I live in Bern."))
    assert texts(facts) == ["I like tea."]


def test_those_alike_come_first_then_the_newest_as_far_as_there_is_room():
    facts = [Fact("newest"), Fact("new"), Fact("alike"), Fact("old")]
    chosen = fitting_facts(facts, lambda text: 0.9 * (text == "alike"), 3, lambda _text: 1)
    assert [fact.text for fact in chosen] == ["alike", "newest", "new"]
