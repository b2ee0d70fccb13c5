"""What a request carries, as Messages, before any library gives it another form.

The same functions serve the request itself and "Show request", which makes it once more later; so the two can't
drift apart. It leaves out what fits: that is `controller/chat/window.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from hashlib import sha256
from typing import Any

from controller.tokens import count_tokens
from controller.tools.messages import with_looks, with_material, with_tools
from model.chat.conversation import Conversation
from model.chat.message import STOPPED, Message
from utils.json_tools.text import json_line
from utils.moments import moment_of

TIME_NOTE = "The user's messages begin with the time at which they were sent; the newest tells what time it is now."
GO_ON = "Go on exactly where you stopped. Repeat nothing, and add no introduction."
STAMP_TOKENS = 24  # what such a time takes, at most


@dataclass(frozen=True)
class About:
    """What a request tells a model beside what was said.

    `stage` is what the stage tells every model, `tools` what it tells one that can call tools. That is None where the
    request offers no tools: then older calls of tools are left out, for some servers refuse calls of tools that they
    are not told of; what was seen in pictures stays. `tells_time`: messages begin with when they were sent, in a zone,
    else in this machine's.
    """

    stage: str = ""
    tools: str | None = None
    tells_time: bool = False
    zone: tzinfo | None = None


def history_of(conversation: Conversation, question: Message, about: About) -> list[Message]:
    """Return what a model may know when it is asked a question: the instructions, and what was said before it."""
    options = conversation.options
    said = conversation.messages[: conversation.index_of(question.id)]
    if not options.is_summarised:
        said = [message for message in said if not message.summary_of]
    time_note = TIME_NOTE if about.tells_time else ""
    instructions = "\n\n".join(filter(None, (options.instructions, about.stage, about.tools, time_note)))
    said = [stamped(message, about) for message in said]
    return _opened(with_looks(said) if about.tools is None else with_tools(said), instructions)


def _opened(said: list[Message], instructions: str) -> list[Message]:
    """Return what was said with instructions before it, in one message with those of an assistant, as servers want."""
    if not instructions:
        return said
    if said and said[0].role == "system" and not said[0].summary_of:
        return [replace(said[0], content=f"{said[0].content}\n\n{instructions}", token_count=None), *said[1:]]
    return [Message("system", instructions), *said]


def asked(
    conversation: Conversation, question: Message, answer: Message, about: About
) -> tuple[list[Message], Message]:
    """Return what goes before, and what is asked: the question, or to go on with an answer that has begun."""
    history = history_of(conversation, question, about)
    prompt = stamped(question, about)
    if not answer.content:
        return history, prompt
    begun = replace(answer, status=STOPPED)
    if about.tools is None:
        return [*history, with_material(prompt, answer.tool_steps), begun], Message("user", GO_ON)
    return [*history, *with_tools([prompt, begun])], Message("user", GO_ON)


def stamped(message: Message, about: About) -> Message:
    """Return a person's message with the time it was sent in front, where the model is to be told; others as they are.

    The newest one tells the model what time it is now, and all before it stay the same from request to request, so
    that the provider's prompt cache keeps working.
    """
    if not about.tells_time or message.role != "user":
        return message
    if (moment := moment_of(message.created_at)) is None:
        return message
    local = moment.astimezone(about.zone)
    content = f"[{local:%A, %Y-%m-%d %H:%M} {local.tzname()} ({local:%z})] {message.content}"
    return replace(message, content=content, token_count=count_tokens(message) + STAMP_TOKENS)


def digest(rows: Sequence[dict[str, Any]]) -> str:
    """Return the SHA-256 of a request's messages: equal messages have equal ones, and no others do."""
    return sha256(json_line(rows)).hexdigest()
