"""Chat templates: a request's messages in the form that the strictest of them take.

A model on vLLM, llama.cpp or Ollama gets a conversation through the template that came with it, and many refuse what
OpenAI's own servers take: a second system message, or one that is not the first; two questions or two answers in a row;
a conversation that begins with an answer; a tool's result without its call. So what a model may know is always sent as
one system message, and then question and answer in turn. The conversation itself stays as it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, takewhile
from typing import Any

from controller.tokens import count_tokens
from controller.tools.messages import INTERRUPTED
from model.chat.message import Message
from model.providers.provider import Provider

MISSING = "…"  # stands where a question or an answer is not there


def templated(provider: Provider, messages: Sequence[Message]) -> list[Message]:
    """Return a request's messages, with those before them that the provider's models need, as any template takes them.

    Instructions, the summary and other system messages become one, in their order.
    """
    primer = [Message(role, content) for role, content in provider.primer]
    told = [*primer, *(message for message in messages[:-1] if message.content or calls_of(message)), *messages[-1:]]
    system = [_without_calls(message) for message in told if message.role == "system"]
    spoken = list(_paired([message for message in told if message.role != "system"]))
    return [*([_joined(system)] if system else []), *_in_turn(spoken)]


def calls_of(message: Message) -> list[dict[str, Any]]:
    """Return the calls of tools in an answer, as far as they are some: a file may hold anything there."""
    calls = message.extra.get("tool_calls") if message.role == "assistant" else None
    return [call for call in calls if _is_call(call)] if isinstance(calls, list) else []


def _is_call(call: Any) -> bool:
    function = call.get("function") if isinstance(call, dict) else None
    parts = (call.get("id"), function.get("name"), function.get("arguments")) if isinstance(function, dict) else (None,)
    return all(isinstance(part, str) for part in parts)


def _paired(messages: Sequence[Message]) -> Iterator[Message]:
    """Yield messages in which each call of a tool is followed by its result, and no result stands without its call."""
    for index, message in enumerate(messages):
        if message.role == "tool":
            continue
        calls = calls_of(message)
        yield replace(message, extra=message.extra | {"tool_calls": calls}) if calls else _without_calls(message)
        results = _results_behind(messages, index)
        for call in calls:
            tied = {"name": call["function"]["name"], "tool_call_id": call["id"]}
            yield results.get(call["id"]) or Message("tool", INTERRUPTED, id=f"{message.id}.{call['id']}", extra=tied)


def _without_calls(message: Message) -> Message:
    """Return a message without what ties calls to their results."""
    return replace(message, extra={}) if message.extra.keys() & {"tool_calls", "tool_call_id", "name"} else message


def _results_behind(messages: Sequence[Message], index: int) -> dict[str, Message]:
    """Return the results of tools that follow a message, by the id of their call."""
    behind = takewhile(lambda message: message.role == "tool", islice(messages, index + 1, None))
    return {str(message.extra.get("tool_call_id")): message for message in behind}


def _in_turn(messages: Sequence[Message]) -> list[Message]:
    """Return messages so that question and answer take turns, the first of them a question."""
    told: list[Message] = []
    for message in messages:
        before = told[-1].role if told else ""
        if message.role == before != "tool" and not calls_of(told[-1]):
            told[-1] = _joined([told[-1], message])
            continue
        if message.role == "assistant" and not told:
            told.append(Message("user", MISSING, id=f"{message.id}.before"))
        if message.role == "user" and before == "tool":
            told.append(Message("assistant", MISSING, id=f"{message.id}.before"))
        told.append(message)
    return told


def _joined(messages: Sequence[Message]) -> Message:
    """Return several messages as one; it has the id of the newest, and all that any of them carries."""
    if len(messages) == 1:
        return messages[0]
    return replace(
        messages[-1],
        content="\n\n".join(message.content for message in messages if message.content),
        token_count=sum(map(count_tokens, messages)),
        attachments=[file for message in messages for file in message.attachments],
    )
