"""The controller that all stages extend: one question in, events out.

`reply()` is a generator. It first puts the question and a still empty answer into the conversation and yields
`Started`; nothing is sent before the caller asks for the next event, so that is the moment to save. Nothing of the
conversation changes before the caller asks for the first event, so a turn can still be refused. A stage overrides
`stream()`. Controllers hold no one's data: the conversation is the only memory.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from controller.chat.apply_events import (
    apply_event,
    check_whole,
    mark_failed,
    measured,
    question_of,
    with_paragraph_gaps,
)
from controller.chat.request import asked
from controller.llm.providers import Providers
from controller.resources import Resources
from controller.turn import Choice, Turn
from model.chat.branch_changes import add_question_version, set_aside
from model.chat.conversation import Conversation
from model.chat.events import Event, Finished, Started
from model.chat.message import COMPLETE, STOPPED, STREAMING, Message, now
from model.chat.message_parts import Attachment
from model.chat.options import Options
from model.errors import BnaError, InputError
from utils.net.client import CancellableClient

FILES_ONLY = "Please look at what I have attached."


class ChatController:
    """What every stage shares: the order of a turn, and what becomes of it."""

    slug = ""
    writes_anew = False  # whether an answer may be replaced by another one while it comes
    instructions = ""  # what the stage tells a model; where it has tools, one that can call them

    @classmethod
    def about_tools(cls, options: Options) -> str | None:
        """Return what the stage tells a model that can call its tools; None where it gives none."""
        del options
        return None

    @classmethod
    def about(cls, options: Options) -> str:
        """Return what the stage tells every model, whether or not it can call tools."""
        return cls.instructions if cls.about_tools(options) is None else ""

    def __init__(self, providers: Providers, resources: Resources | None = None) -> None:
        self.providers = providers
        self.resources = resources or Resources(providers.settings, providers)

    def reply(
        self,
        conversation: Conversation,
        prompt: str,
        choice: Choice | None = None,
        attachments: Sequence[Attachment] = (),
    ) -> Iterator[Event]:
        """Answer a prompt: append both messages to the conversation and yield events as the answer grows.

        Raises: BnaError; what had come is kept, and the question stays, marked failed.
        """
        if not prompt.strip() and not attachments:
            raise InputError("There is nothing to send.", "Write a message first.")
        question, answer = conversation.ask(prompt if prompt.strip() else FILES_ONLY)
        question.attachments = list(attachments)
        yield from self._turn(conversation, question, answer, choice or Choice())

    def regenerate(self, conversation: Conversation, answer: Message, choice: Choice | None = None) -> Iterator[Event]:
        """Answer a question once more, with the first answer kept beside the new one; raises what `retry` does."""
        question = question_of(conversation, answer)
        set_aside(conversation, answer)
        yield from self._turn(conversation, question, conversation.answer_to(question), choice or Choice())

    def reword(
        self, conversation: Conversation, question: Message, text: str, choice: Choice | None = None
    ) -> Iterator[Event]:
        """Answer a question in other words, with the first ones kept beside; raises what `reply` does."""
        asked_anew = add_question_version(conversation, question, text)
        yield from self._turn(conversation, asked_anew, conversation.answer_to(asked_anew), choice or Choice())

    def go_on(self, conversation: Conversation, answer: Message, choice: Choice | None = None) -> Iterator[Event]:
        """Go on with an answer that was broken off, from where it stopped; raises what `retry` does."""
        question = question_of(conversation, answer)
        question.status = COMPLETE
        answer.status, answer.error, answer.hint, answer.finish_reason = STREAMING, None, None, None
        if not answer.content:
            answer.tool_steps, answer.citations = [], []
            answer.thinking = answer.thinking_s = None
        yield from self._turn(conversation, question, answer, choice or Choice())

    def retry(self, conversation: Conversation, answer: Message, choice: Choice | None = None) -> Iterator[Event]:
        """Answer a question again, in place of an answer that failed or was ended.

        Raises: BnaError, as `reply` does; InputError when the answer has no question.
        """
        question = question_of(conversation, answer)
        fresh = Message("assistant", "", id=answer.id, status=STREAMING, parent=answer.parent, created_at=now())
        question.status = COMPLETE
        conversation.upsert([fresh])
        conversation.show_first(fresh)
        yield from self._turn(conversation, question, fresh, choice or Choice())

    @contextmanager
    def line(self, turn: Turn) -> Iterator[CancellableClient]:
        """Lend a line to the provider that the turn's Stop cuts."""
        with self.providers.line(turn.endpoint) as line:
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
            turn = self._begun(conversation, question, answer, choice)
            for event in measured(answer, with_paragraph_gaps(answer, self.stream(turn))):
                apply_event(event, conversation, answer)
                yield event
            answer.status = STOPPED if choice.stop.is_set else COMPLETE
            check_whole(answer, turn.endpoint)
        except BnaError as error:
            if not choice.stop.is_set:
                mark_failed(question, answer, error)
                raise
        finally:
            if answer.status == STREAMING:
                answer.status = STOPPED
        yield Finished(replace(answer))

    def _begun(self, conversation: Conversation, question: Message, answer: Message, choice: Choice) -> Turn:
        """Return all that a stage needs for a turn, and note on the answer who gives it.

        Raises: BnaError when there is no one to ask.
        """
        endpoint = self.providers.endpoint(choice.provider, choice.model_name)
        answer.model_name, answer.provider, answer.stage = endpoint.model_name, endpoint.provider.name, self.slug
        options = conversation.options
        about_tools = self.about_tools(options) if endpoint.provider.has_tools else None
        history, prompt = asked(conversation, question, answer, about_tools, self.about(options))
        return Turn(
            history,
            prompt,
            answer,
            endpoint,
            choice,
            options,
            conversation_id=conversation.id or "",
            is_temporary=conversation.is_temporary,
            asks_first=self.providers.settings.ask_before_tools or options.asks_first,
            is_going_on=bool(answer.content),
            said=conversation.messages,
        )
