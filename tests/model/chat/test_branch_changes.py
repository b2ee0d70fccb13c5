"""Forks: versions of one message, what stands beside, and what a deletion or another tab leaves behind."""

from hypothesis import given, settings
from hypothesis import strategies as st

from model.chat import branch_changes
from model.chat.branches import with_new_ids
from model.chat.conversation import Conversation
from model.chat.message import Message


def talk(*texts: str) -> Conversation:
    conversation = Conversation()
    for text in texts:
        _, answer = conversation.ask(text)
        answer.content, answer.status = f"re: {text}", "complete"
    return conversation


def contents(messages: list[Message]) -> list[str]:
    return [message.content for message in messages]


def again(conversation: Conversation) -> Conversation:
    """Return the conversation as it comes back from a file."""
    messages = [Message.from_dict(message.to_dict()) for message in conversation.all_messages]
    return Conversation.of_all(messages, conversation.name)


def reword(conversation: Conversation, number: int, text: str) -> Message:
    question = branch_changes.add_question_version(conversation, conversation.messages[number], text)
    answer = conversation.answer_to(question)
    answer.content, answer.status = f"re: {text}", "complete"
    return question


def test_an_edited_question_hides_what_followed_the_first_one():
    conversation = talk("one", "two")
    reword(conversation, 2, "two, edited")
    for seen in (conversation, again(conversation)):
        assert contents(seen.messages) == ["one", "re: one", "two, edited", "re: two, edited"]
        assert contents(seen.beside) == ["two", "re: two"]


def test_an_edited_first_question_leaves_the_id_as_it_was():
    conversation = talk("one")
    first_id = conversation.id
    for text in ("edited", "edited again"):
        reword(conversation, 0, text)
        assert conversation.id == again(conversation).id == first_id
    assert contents(again(conversation).messages) == ["edited again", "re: edited again"]


def test_the_version_shown_last_is_shown_and_all_are_counted():
    conversation = talk("one")
    old = conversation.messages[0]
    new = reword(conversation, 0, "edited")
    assert [message.id for message in branch_changes.all_versions(conversation)[new.id]] == [old.id, new.id]
    branch_changes.show(conversation, old)
    assert contents(conversation.messages) == contents(again(conversation).messages) == ["one", "re: one"]
    assert conversation.id == old.id
    assert branch_changes.all_versions(talk("one")) == {}


def test_what_follows_a_deleted_message_follows_the_one_before_it():
    conversation = talk("one", "two", "three")
    rest = branch_changes.without(conversation, [conversation.messages[2].id, conversation.messages[3].id])
    assert contents(again(rest).messages) == ["one", "re: one", "three", "re: three"]


def test_the_options_stay_when_the_first_message_goes():
    conversation = talk("one", "two")
    conversation.choose(is_pinned=True)
    rest = again(branch_changes.without(conversation, [conversation.messages[0].id]))
    assert rest.options.is_pinned and rest.id == conversation.id


def test_what_another_tab_said_goes_on_where_it_fits_and_else_stands_beside():
    mine = talk("one")
    theirs = again(mine)
    theirs.ask("theirs")
    branch_changes.merge_messages(mine, theirs.all_messages)
    assert contents(mine.messages) == ["one", "re: one", "theirs", ""]
    reword(theirs, 0, "edited there")
    branch_changes.merge_messages(mine, theirs.all_messages)
    assert contents(mine.messages) == ["one", "re: one", "theirs", ""]
    assert "edited there" in contents(mine.beside)


def test_a_branch_that_was_left_does_not_come_back_by_itself():
    conversation = talk("one", "two")
    saved = again(conversation).all_messages
    branch_changes.set_aside(conversation, conversation.messages[2])
    branch_changes.merge_messages(conversation, saved)
    assert contents(conversation.messages) == ["one", "re: one"]


def test_a_message_on_another_branch_can_be_revealed():
    conversation = talk("one", "two")
    hidden = conversation.messages[3]
    reword(conversation, 0, "edited")
    branch_changes.show_message(conversation, hidden.id)
    assert hidden.id in {message.id for message in conversation.messages}


def test_parents_that_are_nowhere_or_go_in_circles_hide_nothing_but_themselves():
    messages = [Message("user", "a", id="a"), Message("user", "b", id="b", parent="gone")]
    assert contents(Conversation.of_all(messages).messages) == ["a", "b"]
    circle = [Message("user", "c", id="c", parent="d"), Message("user", "d", id="d", parent="c")]
    assert len(Conversation.of_all([*messages, *circle]).all_messages) == 4


STEPS = st.lists(
    st.tuples(st.sampled_from(["ask", "reword", "again", "show", "delete"]), st.integers(0, 20)), max_size=15
)


@settings(deadline=None)
@given(STEPS)
def test_whatever_is_done_the_file_shows_the_same_and_nothing_is_lost(steps):
    conversation, said = talk("start"), {"start", "re: start"}
    for number, (step, place) in enumerate(steps):
        questions = [message for message in conversation.messages if message.role == "user"]
        chosen = questions[place % len(questions)] if questions else None
        if step == "ask" or chosen is None:
            _, answer = conversation.ask(f"q{number}")
            answer.content, answer.status = f"a{number}", "complete"
            said |= {f"q{number}", f"a{number}"}
        elif step == "reword":
            reword(conversation, conversation.index_of(chosen.id), f"r{number}")
            said |= {f"r{number}", f"re: r{number}"}
        elif step == "again" and chosen is not conversation.messages[-1]:
            branch_changes.set_aside(conversation, conversation.messages[conversation.index_of(chosen.id) + 1])
            conversation.answer_to(chosen).content = f"a{number}"
            said |= {f"a{number}"}
        elif step == "show" and conversation.beside:
            branch_changes.show(conversation, conversation.beside[place % len(conversation.beside)])
        elif step == "delete":
            conversation = branch_changes.without(conversation, [chosen.id])
            said -= {chosen.content}
    # Messages written within one millisecond have no order in the file, so only what is there is compared.
    assert sorted(contents(again(conversation).all_messages)) == sorted(contents(conversation.all_messages))
    assert set(contents(conversation.all_messages)) == said
    assert again(conversation).id == conversation.id


@settings(deadline=None)
@given(STEPS)
def test_a_copy_says_the_same_under_other_ids(steps):
    conversation = talk("start")
    for number, (_, place) in enumerate(steps):
        reword(conversation, 2 * (place % (len(conversation.messages) // 2)), f"r{number}")
        conversation.ask(f"q{number}")
    copy = Conversation.of_all(with_new_ids(conversation.all_messages))
    assert sorted(contents(copy.all_messages)) == sorted(contents(conversation.all_messages))
    assert not {message.id for message in copy.all_messages} & {message.id for message in conversation.all_messages}
