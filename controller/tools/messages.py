"""How tool steps go to a model: the calls and results of a turn, in the turns after it.

A call that the model made becomes two messages, one with the call and one with its result; every call has a result,
also where Stop ended it. What the stage looked up by itself (round 0) stands in front of the question.
Results are made harmless once more, for a conversation file may come from anywhere. A request that offers no tools
tells of none (`controller/chat/request.py`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from controller.tokens import count_tokens, tokens_of
from model.chat.message import Message, is_sendable
from model.chat.message_parts import ToolStep
from model.chat.serialization import MESSAGE_OVERHEAD_TOKENS
from utils.text.untrusted import harmless

LOOK = "look_at_picture"  # what it saw is told in every request: the pictures are there on all stages
INTERRUPTED = "This call was interrupted before it had a result."


def with_tools(messages: Sequence[Message]) -> list[Message]:
    """Return messages as a model gets them that is offered tools: with the tool steps of all answers."""
    told: list[Message] = []
    for message in messages:
        if message.tool_steps and is_sendable(message):
            _put_material(told, message.tool_steps)
            told += spread(message)
        else:
            told.append(message)
    return told


def with_looks(messages: Sequence[Message]) -> list[Message]:
    """Return messages for a request that offers no tools: with what was seen in pictures, and no other step."""
    told: list[Message] = []
    for message in messages:
        if is_sendable(message):
            looks = [replace(step, round=0) for step in message.tool_steps if step.name == LOOK]
            _put_material(told, looks)
        told.append(message)
    return told


def without_calls(messages: Sequence[Message]) -> list[Message]:
    """Return messages for a request that offers no tools: the texts alone."""
    texts = [message for message in messages if message.role != "tool" and message.content]
    return [replace(text, extra={}) if "tool_calls" in text.extra else text for text in texts]


def with_material(question: Message, steps: Sequence[ToolStep]) -> Message:
    """Return a question with what the stage looked up for it in front."""
    results = [step for step in steps if step.round == 0 and step.result]
    results.sort(key=lambda step: step.name != LOOK)
    if not results:
        return question
    content = "\n\n".join([*(harmless(step.result or "") for step in results), question.content])
    return replace(question, content=content, token_count=count_tokens(question) + sum(map(_cost, results)))


def spread(answer: Message, rounds: int | None = None) -> list[Message]:
    """Return an answer as the messages that a model sees: text, calls and results in their order, the end of the text.

    With `rounds`, only what the steps of the rounds before that one were, and not the end: the turn's own request.
    The last message has the answer's id, so that whoever looks for it finds it.
    """
    steps = [step for step in answer.tool_steps if step.round and (rounds is None or step.round < rounds)]
    told: list[Message] = []
    begin = 0
    for number, group in groupby(steps, key=lambda step: step.round):
        called = list(group)
        told += _round(f"{answer.id}.{number}", answer.content[begin : called[0].at], called)
        begin = called[0].at
    if rounds is not None:
        return told
    rest = answer.content[begin:].strip() if begin else answer.content
    if rest or not told:
        told.append(replace(answer, content=rest, tool_steps=[]))
    told[-1].id = answer.id
    return told


def _round(round_id: str, text: str, steps: list[ToolStep]) -> Iterator[Message]:
    """Yield one request's calls, and their results."""
    calls = [
        {"id": step.id, "type": "function", "function": {"name": step.name, "arguments": step.arguments}}
        for step in steps
    ]
    yield Message("assistant", text.strip(), id=round_id, extra={"tool_calls": calls})
    for step in steps:
        ties = {"name": step.name, "tool_call_id": step.id}
        content = INTERRUPTED if step.result is None else harmless(step.result)
        yield Message("tool", content, id=f"{round_id}.{step.id}", token_count=_cost(step), extra=ties)


def _cost(step: ToolStep) -> int:
    """Return how many tokens a call and its result make, and keep the count on the step."""
    if step.token_count is None:
        step.token_count = tokens_of(step.arguments) + tokens_of(step.result or INTERRUPTED)
    return step.token_count + MESSAGE_OVERHEAD_TOKENS


def _put_material(told: list[Message], steps: Sequence[ToolStep]) -> None:
    """Put what was looked up into the question that the steps belong to."""
    if not steps:
        return
    for index in range(len(told) - 1, -1, -1):
        if told[index].role == "user":
            told[index] = with_material(told[index], steps)
            return
