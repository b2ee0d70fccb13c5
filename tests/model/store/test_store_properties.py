"""What holds for any conversations and any order of actions."""

import json
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.errors import ConversationExists, ConversationNotFound
from model.store.sql.database import _PRAGMAS
from tests.waiting import daily

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
UNKNOWN_KEYS = st.dictionaries(st.text().map(lambda key: f"x_{key}") | st.just("tool_calls"), JSON, max_size=3)
ROLES = st.sampled_from(["user", "assistant", "system", "tool"]) | st.text()
MESSAGES = st.builds(Message, role=ROLES, content=st.text(), extra=UNKNOWN_KEYS)
NAMES = st.text(min_size=1).filter(lambda name: name == " ".join(name.split()))
RAW_MESSAGES = st.fixed_dictionaries(
    {"role": ROLES, "content": st.text()},
    optional={"status": JSON, "created_at": JSON, "token_count": JSON, "error": JSON, "x": JSON},
)
# All examples share a place, which each of them empties.
quick = settings(
    max_examples=daily(20, 100),
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch):
    monkeypatch.setattr("model.store.sql.database._PRAGMAS", ("PRAGMA synchronous=OFF", *_PRAGMAS[2:]))
    with mock.patch("os.fsync"):  # nobody pulls the plug here
        yield


@quick
@given(saved=st.dictionaries(NAMES, st.lists(MESSAGES, max_size=4), max_size=4))
def test_any_conversations_under_any_names_come_back_as_they_were(place, saved):
    place.bring("{}")
    store = place.open()
    for name, messages in saved.items():
        store.save(name, Conversation(messages))
    again = place.open()
    assert again.names() == list(reversed(saved))
    assert {name: again.load(name).messages for name in saved} == saved
    assert again.take_notices() == []


@quick
@given(
    messages=st.lists(RAW_MESSAGES, min_size=1, max_size=4),
    around=st.none() | UNKNOWN_KEYS,
    indent=st.sampled_from([None, 2]),
    ascii_only=st.booleans(),
)
def test_what_another_program_wrote_is_still_there_after_a_turn(place, messages, around, indent, ascii_only):
    body = messages if around is None else {**around, "messages": messages}
    place.bring(json.dumps({"A": body}, indent=indent, ensure_ascii=ascii_only))
    store = place.open()
    conversation = store.load("A")
    store.write(conversation.id, [*conversation.messages, Message("user", "a turn")])
    after = json.loads(place.text())["A"]
    if around is not None:
        assert after | {"messages": 0} == around | {"messages": 0}
        after = after["messages"]
    for old, new in zip(messages, after, strict=False):
        # A status that says nothing more than its absence may go.
        kept = {key: value for key, value in old.items() if (key, value) != ("status", "complete")}
        assert kept == {key: new.get(key, "gone") for key in kept}
    assert len(after) == len(messages) + 1
    assert store.take_notices() == []


TURNS = st.lists(st.tuples(ROLES, st.text()), max_size=3)
POOL = st.sampled_from(["A", "b c", "__proto__", 'ü "q" 🎉'])
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("save"), POOL, TURNS, st.booleans()),
        st.tuples(st.just("save as"), POOL, POOL),
        st.tuples(st.just("write"), POOL, TURNS),
        st.tuples(st.just("remove"), POOL, st.integers(0, 3)),
        st.tuples(st.just("rename"), POOL, POOL),
        st.tuples(st.just("delete"), POOL),
    ),
    max_size=14,
)


def act(store, action, name, *arguments):
    """Do one action with the store."""
    match action:
        case "save":
            messages, overwrite = arguments
            store.save(name, Conversation([Message(role, content) for role, content in messages]), overwrite)
        case "save as":
            store.save(arguments[0], store.load(name))
        case "write":
            store.write(store.load(name).id, [Message(role, content) for role, content in arguments[0]])
        case "remove":
            conversation = store.load(name)
            store.change(conversation.id, [], [message.id for message in conversation.messages[arguments[0] :][:1]])
        case "rename":
            store.rename(name, arguments[0])
        case "delete":
            store.delete(name)


def act_on_dict(saved, action, name, *arguments):
    """Do the same with a plain dict: name -> roles and contents, the newest saved last."""
    if action == "save":
        messages, overwrite = arguments
        # Two empty conversations are taken for one.
        if saved.get(name) and not overwrite:
            raise ConversationExists(name)
        saved.pop(name, None)
        saved[name] = messages
        return
    if name not in saved or (action in ("write", "remove") and not saved[name]):
        raise ConversationNotFound(name)
    match action:
        case "write":
            saved[name] = saved.pop(name) + arguments[0]
        case "remove":
            saved[name] = saved[name][: arguments[0]] + saved[name][arguments[0] + 1 :]
        case "delete":
            del saved[name]
        case "save as" | "rename":
            rename_in_dict(saved, action == "save as", name, arguments[0])


def rename_in_dict(saved, is_copy, old, new):
    """Give a name of the dict to another, or to a copy."""
    if new != old and saved.get(new):
        raise ConversationExists(new)
    messages = saved[old]
    if is_copy:
        saved.pop(new, None)
        saved[new] = messages
        return
    before = {name: kept for name, kept in saved.items() if name == old or name != new}
    saved.clear()
    saved.update((new if name == old else name, kept) for name, kept in before.items())


def outcome(call, *arguments):
    try:
        call(*arguments)
    except (ConversationExists, ConversationNotFound) as error:
        return type(error)
    return None


@settings(quick, max_examples=daily(30, 250))
@given(actions=ACTIONS)
def test_any_actions_do_what_they_would_do_to_a_plain_dict_from_two_programs_in_turn(place, actions):
    place.bring("{}")
    stores = [place.open(), place.open()]
    saved: dict[str, list[tuple[str, str]]] = {}
    for number, action in enumerate(actions):
        store = stores[number % 2]
        assert outcome(act, store, *action) == outcome(act_on_dict, saved, *action)
        for reader in stores:
            assert reader.names() == list(reversed(saved))
        for name, messages in saved.items():
            loaded = stores[1 - number % 2].load(name).messages
            assert [(message.to_dict()["role"], message.content) for message in loaded] == messages
    ids = [store.load(name).id for store in stores[:1] for name in store.names() if saved[name]]
    assert len(ids) == len(set(ids))
