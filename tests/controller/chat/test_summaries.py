"""Summaries: made once when the cut moves, from the one before, kept on every cut, and never in the way of a turn."""

from contextlib import suppress

import pytest

from controller.chat.controller import ChatController
from controller.chat.summaries import HEADING
from controller.llm.discovery import build_providers
from controller.stages.chatbot_with_memory import MemoryController
from model.chat.conversation import Conversation
from model.chat.events import Finished, Summarised, Summarising
from model.chat.message import COMPLETE, STOPPED, Message
from model.errors import ContextWindowExceeded
from settings import Settings
from tests.scripted_server import Reply, ScriptedServer
from view.app import build_resources


@pytest.fixture
def controller(environ: dict[str, str]) -> MemoryController:
    return MemoryController(
        build_resources(build_providers(Settings.from_env(environ | {"LLM_CONTEXT_WINDOW": "1000"})))
    )


def long_talk(count: int = 40) -> Conversation:
    """Return a conversation of which about 15 messages fit the window."""
    return Conversation([Message(("user", "assistant")[n % 2], f"m{n}", token_count=50) for n in range(count)])


def sent(server: ScriptedServer, number: int = -1) -> list[str]:
    return [f"{row['role']}: {row['content']}" for row in server.requests[number].body["messages"]]


def ask(controller: ChatController, conversation: Conversation, prompt: str = "Hi") -> list[object]:
    return list(controller.reply(conversation, prompt))


def test_what_drops_out_is_summarised_before_the_answer(controller: MemoryController, server: ScriptedServer):
    server.script(Reply("They said m0 to m25."), Reply("Hello"))
    conversation = long_talk()
    events = ask(controller, conversation)
    assert [type(event) for event in events if isinstance(event, Summarising | Summarised)] == [Summarising, Summarised]
    assert "assistant: m33" in sent(server, 0) and "assistant: m39" not in sent(server, 0)
    assert sent(server)[0] == f"system: {HEADING}They said m0 to m25."
    assert sent(server)[-2:] == ["assistant: m39", "user: Hi"]


def test_it_names_what_it_stands_for_and_stands_where_that_ends(controller: MemoryController, server: ScriptedServer):
    conversation = long_talk()
    ask(controller, conversation)
    place, summary = next((index, m) for index, m in enumerate(conversation.messages) if m.summary_of)
    first_told = sent(server, 0)[0].removeprefix("user: ")
    assert summary.summary_of == next(m.id for m in conversation.messages if m.content == first_told)
    assert summary.parent == conversation.messages[place - 1].id
    assert conversation.messages[place + 1].id == conversation.messages[-1].view_begins_at
    assert len([m for m in conversation.messages if not m.summary_of]) == 42


def test_it_is_made_once_per_cut_and_from_the_one_before(controller: MemoryController, server: ScriptedServer):
    conversation = long_talk()
    server.script(Reply("First summary"), Reply("Hello"))
    ask(controller, conversation)
    asked_count = len(server.requests)
    ask(controller, conversation)
    assert len(server.requests) == asked_count + 1
    server.script(Reply("word " * 300), Reply("Second summary"), Reply("Hello"))
    ask(controller, conversation, "long " * 200)
    ask(controller, conversation, "Hi again")
    summaries = [index for index in range(len(server.requests)) if "Sum up our conversation" in sent(server, index)[-1]]
    assert len(summaries) == 2 and "First summary" in sent(server, summaries[1])[0]
    assert not any("m0" in row for row in sent(server, summaries[1]))
    assert "Second summary" in sent(server)[0]


@pytest.mark.parametrize("reply", [Reply(status=500), Reply(""), Reply(status=429)])
def test_a_failure_never_blocks_the_turn(controller: MemoryController, server: ScriptedServer, reply: Reply):
    server.script(reply, Reply("Hello"))
    conversation = long_talk()
    [finished] = [event for event in ask(controller, conversation) if isinstance(event, Finished)]
    assert finished.answer.content == "Hello"


def test_instructions_stand_before_the_summary_and_survive_every_cut(
    controller: MemoryController, server: ScriptedServer
):
    conversation = long_talk()
    conversation.choose(instructions="Be brief.")
    for _ in range(3):
        ask(controller, conversation, "long " * 200)
        assert sent(server)[0].startswith(f"system: Be brief.\n\n{HEADING}")
        assert [row.partition(":")[0] for row in sent(server)].count("system") == 1


def test_the_switch_turns_it_off(controller: MemoryController, server: ScriptedServer):
    conversation = long_talk()
    conversation.choose(is_summarised=False)
    ask(controller, conversation)
    assert len(server.requests) == 1 and sent(server)[0].startswith("user: m")


def test_a_deleted_summary_is_not_sent_any_more(controller: MemoryController, server: ScriptedServer):
    conversation = long_talk()
    ask(controller, conversation)
    conversation.messages = [message for message in conversation.messages if not message.summary_of]
    ask(controller, conversation)
    assert all(HEADING not in row for row in sent(server))


def test_it_is_counted(controller: MemoryController, server: ScriptedServer):
    conversation = long_talk()
    ask(controller, conversation)
    [summary] = [message for message in conversation.messages if message.summary_of]
    assert summary.prompt_token_count and summary.completion_token_count and summary.model_name


def test_a_long_conversation_keeps_most_of_each_request_as_it_was(controller: MemoryController, server: ScriptedServer):
    conversation, kept, total = Conversation(), 0, 0
    before: list[str] = []
    for number in range(60):
        ask(controller, conversation, f"Question {number}: " + "word " * 20)
        now = sent(server)
        same = next((n for n, (a, b) in enumerate(zip(before, now, strict=False)) if a != b), len(before))
        kept, total, before = kept + sum(map(len, now[:same])), total + sum(map(len, now)), now
    assert any(message.summary_of for message in conversation.messages)
    assert kept / total > 0.7


def test_a_summary_is_asked_for_behind_what_was_sent_before(controller: MemoryController, server: ScriptedServer):
    conversation = Conversation()
    while not any(message.summary_of for message in conversation.messages):
        ask(controller, conversation, "word " * 60)
    summary, before = sent(server, -2), sent(server, -3)
    assert summary[:-1] == before[: len(summary) - 1] and "Sum up" in summary[-1]


@pytest.mark.parametrize("role", ["user", "assistant"])
@pytest.mark.parametrize("words", [800, 1500, 20_000])
def test_a_message_longer_than_the_window_is_summed_up_in_part_and_the_question_answered(
    controller: MemoryController, server: ScriptedServer, role: str, words: int
):
    conversation = Conversation(
        [Message("user", "Write"), Message("assistant", "Well"), Message(role, "lorem " * words)]
    )
    server.script(Reply("They wrote lorem."), Reply("Hello"))
    ask(controller, conversation)
    assert conversation.messages[-1].content == "Hello"
    assert "cut" in sent(server, 0)[-2] or "cut" in sent(server, 0)[-1]
    assert "They wrote lorem." in sent(server)[0]
    ask(controller, conversation, "And now?")
    assert sent(server)[-3:] == ["user: Hi", "assistant: Hello", "user: And now?"]


@pytest.mark.parametrize("words", range(100, 1200, 100))
def test_no_length_of_a_message_stands_in_the_way(controller: MemoryController, server: ScriptedServer, words: int):
    conversation = Conversation([Message("user", "Write"), Message("assistant", "lorem " * words)])
    for number in range(3):
        ask(controller, conversation, f"Question {number}")
        assert conversation.messages[-1].status == COMPLETE


@pytest.mark.parametrize("count", [0, -5, 1, 10**300, -(10**300), 10**6, 10**12])
@pytest.mark.parametrize("text", ["lorem", "lorem " * 600])
def test_a_count_that_cannot_be_one_is_counted_anew(
    controller: MemoryController, server: ScriptedServer, count: int, text: str
):
    told = [{"role": role, "content": text, "token_count": count} for role in ("user", "assistant")]
    conversation = Conversation([Message.from_dict(row) for row in told])
    ask(controller, conversation)
    assert conversation.messages[-1].status == COMPLETE
    assert (text in "".join(sent(server))) == (text == "lorem")


@pytest.mark.parametrize("window", ["1", "8", "30", "100"])
def test_the_smallest_windows_get_a_sentence_or_an_answer(environ: dict[str, str], server: ScriptedServer, window: str):
    tiny = MemoryController(
        build_resources(build_providers(Settings.from_env(environ | {"LLM_CONTEXT_WINDOW": window})))
    )
    with suppress(ContextWindowExceeded):
        ask(tiny, long_talk())


def test_long_instructions_are_not_told_as_a_long_question(controller: MemoryController):
    conversation = Conversation()
    conversation.choose(instructions="word " * 1000)
    with pytest.raises(ContextWindowExceeded, match="With the instructions") as caught:
        ask(controller, conversation)
    assert "Shorten the instructions" in caught.value.hint


def test_an_answer_that_the_model_cannot_see_is_not_gone_on_with(controller: MemoryController, server: ScriptedServer):
    question, answer = Message("user", "Write"), Message("assistant", "lorem " * 2000, status=STOPPED)
    conversation = Conversation([question, answer])
    with pytest.raises(ContextWindowExceeded, match="answer so far"):
        list(controller.events(conversation, controller.go_on(conversation, answer)))
    assert server.requests == [] and answer.content == "lorem " * 2000
