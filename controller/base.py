"""The controller that all stages extend: one question in, events out.

`reply()` is a generator. It first puts the question and a still empty answer into the conversation and yields
`Started`; nothing is sent before the caller asks for the next event, so that is the moment to save. A stage overrides
`stream()`. Controllers hold no one's data: the conversation is the only memory. Read next: `controller/chat.py`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from controller.metrics import measured
from controller.providers import Providers
from controller.request import history_of, stamped
from controller.turn import Choice, Turn
from model.conversation import Conversation
from model.errors import BnaError, InputError, ReplyInterrupted
from model.event import Event, Finished, Started, Summarised, TextDelta
from model.message import COMPLETE, FAILED, STOPPED, STREAMING, Message, now
from model.provider import Endpoint
from utils.http_line import Line

GO_ON = "Go on exactly where you stopped. Repeat nothing, and add no introduction."


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

    def answer(self, conversation: Conversation, question: Message, choice: Choice | None = None) -> Iterator[Event]:
        """Answer a question that was worded anew, or asked for another answer; raises what `reply` does."""
        yield from self._turn(conversation, question, conversation.answer_to(question), choice or Choice())

    def go_on(self, conversation: Conversation, answer: Message, choice: Choice | None = None) -> Iterator[Event]:
        """Go on with an answer that was broken off, from where it stopped; raises what `retry` does."""
        question = _question_of(conversation, answer)
        question.status = COMPLETE
        answer.status, answer.error, answer.hint = STREAMING, None, None
        yield from self._turn(conversation, question, answer, choice or Choice())

    def retry(self, conversation: Conversation, answer: Message, choice: Choice | None = None) -> Iterator[Event]:
        """Answer a question again, in place of an answer that failed or was ended.

        Raises: BnaError, as `reply` does; InputError when the answer has no question.
        """
        question = _question_of(conversation, answer)
        fresh = Message("assistant", "", id=answer.id, status=STREAMING, parent=answer.parent, created_at=now())
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
            history, prompt = _asked(conversation, question, answer)
            turn = Turn(history, prompt, answer, endpoint, choice, conversation.options)
            for event in measured(answer, spaced(answer.content, self.stream(turn))):
                _take(event, conversation, answer)
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


def _take(event: Event, conversation: Conversation, answer: Message) -> None:
    """Put what an event brings into the conversation."""
    if isinstance(event, TextDelta):
        answer.content += event.text
    elif isinstance(event, Summarised):
        conversation.insert(event.summary)


def _question_of(conversation: Conversation, answer: Message) -> Message:
    """Return the question of an answer.

    Raises: InputError when it has none.
    """
    question = conversation.question_of(answer)
    if question is None:
        raise InputError("This answer has no question to ask again.", "Write a message instead.")
    return question


def _asked(conversation: Conversation, question: Message, answer: Message) -> tuple[list[Message], Message]:
    """Return what goes before, and what is asked: the question, or to go on with an answer that has begun."""
    history = history_of(conversation, question)
    asked = stamped(question, conversation.options)
    if not answer.content:
        return history, asked
    return [*history, asked, replace(answer, status=STOPPED)], Message("user", GO_ON)


def spaced(before: str, events: Iterator[Event]) -> Iterator[Event]:
    """Yield events whose text goes on behind a text; models begin anew with a word, and leave out the space."""
    for event in events:
        if isinstance(event, TextDelta):
            needs_space = before[-1:].isalnum() and event.text[:1].isalnum()
            event, before = (TextDelta(f" {event.text}") if needs_space else event), ""
        yield event


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
