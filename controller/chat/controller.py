"""The controller that all stages extend: one question in, events out.

A turn is two plain calls: `ask` puts the question and a still empty answer into the conversation, and `answer` lets the
stage write, in the caller's thread; whatever happens goes through `LiveAnswer.emit`. `controller/chat/turns.py` makes
them for all views. A stage overrides `stream`. Controllers hold no one's data: the conversation is the only memory.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from controller.chat.apply_events import check_whole, mark_failed, question_of
from controller.chat.live_answer import LiveAnswer
from controller.chat.request import About, asked
from controller.resources import Resources
from controller.turn import ModelSelection, Turn, TurnControl
from model.chat.branch_changes import add_question_version, set_aside
from model.chat.conversation import Conversation
from model.chat.events import Event, LoadingModel, Started
from model.chat.message import COMPLETE, STOPPED, STREAMING, Message, now
from model.chat.message_parts import Attachment
from model.chat.options import Options
from model.errors import BnaError, InputError
from utils.net.client import CancellableClient
from utils.threads.pull import pulled
from utils.threads.trace import note, traced

FILES_ONLY = "Please look at what I have attached."


class ChatController(ABC):
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
    def tells_time(cls, options: Options) -> bool:
        """Return whether a model that can call tools is told what time it is; a stage may need it in any case."""
        return options.tells_time

    @classmethod
    def about(cls, options: Options) -> str:
        """Return what the stage tells every model, whether or not it can call tools."""
        return cls.instructions if cls.about_tools(options) is None else ""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources
        self.providers = resources.providers

    def reply(
        self,
        conversation: Conversation,
        prompt: str,
        selection: ModelSelection | None = None,
        control: TurnControl | None = None,
        attachments: Sequence[Attachment] = (),
    ) -> Iterator[Event]:
        """Ask a question, and yield the turn's events as `events` does; raises what `ask` and `answer` do."""
        yield from self.events(conversation, self.ask(conversation, prompt, attachments), selection, control)

    def events(
        self,
        conversation: Conversation,
        started: Started,
        selection: ModelSelection | None = None,
        control: TurnControl | None = None,
    ) -> Iterator[Event]:
        """Yield a turn's events as they come, for lessons and tests; nothing is sent before the second is asked for.

        Raises: what `answer` does.
        """
        selection, own = selection or ModelSelection(), control or TurnControl()

        def answer(tell: Callable[[Event], None]) -> None:
            self.answer(LiveAnswer(conversation, started, tell), selection, own)

        yield started
        yield from pulled(answer, when_left=own.stop.set)

    @traced("A question, and a still empty answer")
    def ask(self, conversation: Conversation, prompt: str, attachments: Sequence[Attachment] = ()) -> Started:
        """Append a question and its still empty answer to a conversation.

        Raises: InputError when there is nothing to send.
        """
        if not prompt.strip() and not attachments:
            raise InputError("There is nothing to send.", "Write a message first.")
        question, answer = conversation.ask(prompt if prompt.strip() else FILES_ONLY)
        question.attachments = list(attachments)
        return Started(question, answer)

    def regenerate(self, conversation: Conversation, answer: Message) -> Started:
        """Let a question be answered once more, with the first answer kept beside the new one; raises as `retry`."""
        question = question_of(conversation, answer)
        set_aside(conversation, answer)
        return Started(question, conversation.answer_to(question))

    def reword(self, conversation: Conversation, question: Message, text: str) -> Started:
        """Ask a question in other words, with the first ones kept beside."""
        asked_anew = add_question_version(conversation, question, text)
        return Started(asked_anew, conversation.answer_to(asked_anew))

    def go_on(self, conversation: Conversation, answer: Message) -> Started:
        """Let an answer that was broken off go on from where it stopped; raises as `retry`."""
        question = question_of(conversation, answer)
        question.status = COMPLETE
        answer.status, answer.error, answer.hint, answer.finish_reason = STREAMING, None, None, None
        if not answer.content:
            answer.tool_steps, answer.citations = [], []
            answer.thinking = answer.thinking_s = None
        return Started(question, answer)

    def retry(self, conversation: Conversation, answer: Message) -> Started:
        """Let a question be answered again, in place of an answer that failed or was ended.

        Raises: InputError when the answer has no question.
        """
        question = question_of(conversation, answer)
        fresh = Message("assistant", "", id=answer.id, status=STREAMING, parent=answer.parent, created_at=now())
        question.status = COMPLETE
        conversation.upsert([fresh])
        conversation.show_first(fresh)
        return Started(question, fresh)

    def answer(self, live: LiveAnswer, selection: ModelSelection, control: TurnControl) -> None:
        """Let the stage write the answer, and leave question and answer with their right status.

        Raises: BnaError; what had come is kept, and the question stays, marked failed.
        """
        answer = live.answer
        try:
            turn = self._begun(live, selection, control)
            self.stream(turn)
            answer.status = STOPPED if control.stop.is_set else COMPLETE
            check_whole(answer, turn.endpoint)
        except BnaError as error:
            if not control.stop.is_set:
                mark_failed(live.question, answer, error)
                raise
        finally:
            if answer.status == STREAMING:
                answer.status = STOPPED
            live.end()
        live.tell_end()

    @contextmanager
    def line(self, turn: Turn) -> Iterator[CancellableClient]:
        """Lend a line to the provider that the turn's Stop cuts."""
        state = self.providers.state(turn.endpoint)
        if not state.is_running:
            turn.emit(LoadingModel(turn.endpoint.model_name, state.waits_for))
        with self.providers.line(turn.endpoint, lambda: not turn.stop.is_set) as line:
            line.when_sent = turn.control.sent.set
            turn.stop.when_set(line.cut)
            yield line

    @abstractmethod
    def stream(self, turn: Turn) -> None:
        """Write the answer, event by event, with `turn.emit`; each stage has its own way."""

    @traced("Who answers, and what was said before")
    def _begun(self, live: LiveAnswer, selection: ModelSelection, control: TurnControl) -> Turn:
        """Return all that a stage needs for a turn, and note on the answer who gives it.

        Raises: BnaError when there is no one to ask.
        """
        conversation, answer = live.conversation, live.answer
        endpoint = self.providers.endpoint(selection.provider, selection.model_name)
        answer.model_name, answer.provider, answer.stage = endpoint.model_name, endpoint.provider.name, self.slug
        note(stage=self.slug, provider=endpoint.provider.title, model=endpoint.model_name)
        options = conversation.options
        about_tools = self.about_tools(options) if endpoint.provider.has_tools else None
        if about_tools is not None:
            options = replace(options, tells_time=self.tells_time(options))
        about = About(self.about(options), about_tools, options.tells_time, self.resources.helpers.zone())
        history, prompt = asked(conversation, live.question, answer, about)
        return Turn(
            history,
            prompt,
            answer,
            endpoint,
            control,
            options,
            conversation_id=conversation.id or "",
            is_temporary=conversation.is_temporary,
            asks_first=self.providers.settings.ask_before_tools or options.asks_first,
            is_going_on=bool(answer.content),
            said=conversation.messages,
            emit=live.emit,
        )
