"""The controller that all stages extend: one question in, events out.

`reply()` is a generator. It first puts the question and a still empty answer into the conversation and yields
`Started`; nothing is sent before the caller asks for the next event, so that is the moment to save. A stage overrides
`stream()`. Controllers hold no one's data: the conversation is the only memory. Read next: `controller/chat.py`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Event as Flag

from controller.metrics import measured
from controller.providers import Providers
from controller.request import history_of
from model.conversation import Conversation
from model.errors import BnaError, InputError, ReplyInterrupted
from model.event import Event, Finished, Started, TextDelta
from model.message import COMPLETE, FAILED, STOPPED, STREAMING, Message, now
from model.provider import Endpoint, Provider
from utils.http_line import Line
from utils.stop import Stop


@dataclass(frozen=True)
class Choice:
    """Who shall answer, how to end it, and how to know that the request has left; empty means the default model."""

    provider: Provider | None = None
    model_name: str = ""
    stop: Stop = field(default_factory=Stop)
    sent: Flag = field(default_factory=Flag)


@dataclass(frozen=True)
class Turn:
    """All that a stage needs to answer one question; `history` is what was said before it."""

    history: list[Message]
    question: Message
    answer: Message
    endpoint: Endpoint
    choice: Choice

    @property
    def stop(self) -> Stop:
        """Return what ends this turn."""
        return self.choice.stop


class ChatController:
    """What every stage shares: the order of a turn, and what becomes of it."""

    def __init__(self, providers: Providers) -> None:
        self.providers = providers

    def reply(self, conversation: Conversation, prompt: str, choice: Choice | None = None) -> Iterator[Event]:
        """Answer a prompt: append both messages to the conversation and yield events as the answer grows.

        Raises: BnaError; what had come is kept, and the question stays, marked failed.
        """
        if not prompt.strip():
            raise InputError("There is nothing to send.", "Write a message first.")
        question, answer = conversation.ask(prompt)
        yield from self._turn(conversation, question, answer, choice or Choice())

    def retry(self, conversation: Conversation, answer: Message, choice: Choice | None = None) -> Iterator[Event]:
        """Answer a question again, in place of an answer that failed or was ended.

        Raises: BnaError, as `reply` does; InputError when the answer has no question.
        """
        question = conversation.question_of(answer)
        if question is None:
            raise InputError("This answer has no question to ask again.", "Write a message instead.")
        fresh = Message("assistant", "", id=answer.id, status=STREAMING, created_at=now())
        question.status = COMPLETE
        conversation.upsert([fresh])
        yield from self._turn(conversation, question, fresh, choice or Choice())

    @contextmanager
    def line(self, turn: Turn) -> Iterator[Line]:
        """Lend a line to the provider that the turn's Stop cuts."""
        with self.providers.lines.line(turn.endpoint.base_url, turn.endpoint.timeout_s) as line:
            line.when_sent = turn.choice.sent.set
            turn.stop.when_set(line.cut)
            yield line

    def stream(self, turn: Turn) -> Iterator[Event]:
        """Yield the answer's events; each stage has its own way."""
        raise NotImplementedError

    def _turn(self, conversation: Conversation, question: Message, answer: Message, choice: Choice) -> Iterator[Event]:
        """Yield a turn's events from `Started` to `Finished`, and leave both messages with their right status."""
        yield Started(question, answer)
        try:
            endpoint = self.providers.endpoint(choice.provider, choice.model_name)
            answer.model_name, answer.provider = endpoint.model_name, endpoint.provider.name
            turn = Turn(history_of(conversation, question), question, answer, endpoint, choice)
            for event in measured(answer, self.stream(turn)):
                if isinstance(event, TextDelta):
                    answer.content += event.text
                yield event
            answer.status = STOPPED if choice.stop.is_set else COMPLETE
            _check_whole(answer, endpoint)
        except BnaError as error:
            if not choice.stop.is_set:
                mark_failed(question, answer, error)
                raise
        finally:
            if answer.status == STREAMING:
                answer.status = STOPPED
        yield Finished(replace(answer))


def _check_whole(answer: Message, endpoint: Endpoint) -> None:
    """Refuse an empty answer that nobody asked to end.

    Raises: ReplyInterrupted.
    """
    if not answer.content and answer.status == COMPLETE:
        raise ReplyInterrupted(
            f"{endpoint.provider.title} sent an empty answer.", "Press Retry, or say it in other words."
        )


def mark_failed(question: Message, answer: Message, error: BnaError) -> None:
    """Mark both messages, so that neither is sent to a model again unless the person retries."""
    question.status = answer.status = FAILED
    answer.error, answer.hint = error.message, error.hint
