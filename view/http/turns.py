"""From a request to a turn, in the pages' own conversations; its events go into a feed, which responses read."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from starlette.requests import HTTPConnection

from controller.chat.controller import ChatController
from controller.chat.turns import RunningTurn
from controller.history.tracing import new_trace
from controller.services import App, Services
from controller.stages import Stage, find_stage, new_conversation
from controller.turn import ModelSelection, Permission, ToolApproval, TurnControl
from model.chat.conversation import Conversation
from model.chat.events import Event, Started
from model.errors import ConversationNotFound, InputError, RateLimited, TurnUnderWay
from model.providers.provider import PROVIDERS
from utils.threads.broadcast import Broadcast
from utils.threads.stop import CancellationToken
from view.http.auth import PERSON
from view.http.schemas import ChatRequest, keep_files

NOBODY_TO_ASK = "Over HTTP nobody can be asked, so the tool did not run; “{option}” or the page can allow it."
ON_A_PAGE = "Over HTTP nobody can be asked, so the tool did not run; on a page it can be allowed for good."
_TIDY_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class ClosedGate(ToolApproval):
    """Says no to tools that wait for a person's yes: over HTTP no one is asked."""

    def ask(self, call_id: str, stop: CancellationToken, reason: str = "") -> Permission:
        del call_id, stop
        told = ON_A_PAGE if self.can_be_for_good else NOBODY_TO_ASK.format(option=self.option)
        return Permission(False, why_not=f"{reason} {told}".strip())


def conversation_of(services: Services, stage: Stage, conversation_id: str | None) -> Conversation:
    """Return the saved conversation with this id, or the one in which a stage's next question goes.

    Raises: TurnUnderWay; InputError for an id that no new conversation may have.
    """
    if not conversation_id:
        return new_conversation(stage, services)
    if services.turns.of(conversation_id):
        raise TurnUnderWay("An answer is still being written here.", "Wait for it, or stop it.")
    try:
        return services.conversations.load_conversation(conversation_id)
    except ConversationNotFound as error:
        if not _TIDY_ID.fullmatch(conversation_id):
            raise InputError(
                "This is not a valid conversation id.", "Letters, digits and ._- can, up to 64."
            ) from error
        return Conversation()


def selection_of(services: Services, provider: str, model: str, conversation_id: str | None = None) -> ModelSelection:
    """Return who shall answer: whom the request names, else the conversation's own model, else the default.

    Raises: InputError.
    """
    names = [row.name for row in PROVIDERS]
    if provider and provider not in names:
        raise InputError("There is no such provider.", f"Take one of: {', '.join(names)}.")
    if not provider and not model and services.conversations.is_saved(conversation_id):
        options = services.conversations.load_conversation(conversation_id).options
        provider, model = options.provider, options.model_name
    return ModelSelection(services.providers.named(provider) if provider else None, model)


LONGEST_TURN_S = 600.0
MOST_TURNS = 500  # at once: each takes some threads
_STARTING = Lock()


@dataclass(frozen=True)
class Asked:
    """A question on its way: its turn, and the feed of its events."""

    turn: RunningTurn
    feed: Broadcast[Event]

    @property
    def conversation_id(self) -> str:
        """Return the id of the conversation, which is its first message's."""
        return self.turn.conversation.id or ""

    async def ended(self) -> None:
        """Wait until the turn is saved; its events are over by then."""
        while not self.turn.has_ended:
            await asyncio.sleep(0.005)


def services_of(connection: HTTPConnection) -> Services:
    """Return the services of the person who asks, as the gate has found out."""
    app: App = connection.app.state.app()
    return app.services_of(connection.scope[PERSON])  # without a gate in front there is nobody


def ask(services: Services, body: ChatRequest) -> Asked:
    """Ask what a request wants to know; when this returns, the question is on disk. Raises: BnaError."""
    chosen = find_stage(body.stage)
    selection = selection_of(services, body.provider, body.model, body.conversation_id)
    files = keep_files(services, chosen, body.attachments)
    controller = chosen.build_controller(services.resources)
    # One at a time, so that two requests can't begin the same conversation.
    with _STARTING:
        conversation = conversation_of(services, chosen, body.conversation_id)

        def begin() -> Started:
            is_new = conversation.id is None
            started = controller.ask(conversation, body.message, files)
            if is_new and body.conversation_id:
                started.question.id = started.answer.parent = body.conversation_id
            if chosen_now := request_options(body):
                services.changes.choose(conversation, **chosen_now)
            return started

        return start(services, controller, conversation, begin, selection, body.trace)


def request_options(body: ChatRequest) -> dict[str, object]:
    """Return what a request chooses for its conversation."""
    options: dict[str, object] = {"instructions": body.instructions, "reasoning_effort": body.reasoning_effort}
    options |= {"sends_unasked": body.sends_unasked, "writes_unasked": body.writes_unasked}
    return {name: value for name, value in options.items() if value is not None}


def start(
    services: Services,
    controller: ChatController,
    conversation: Conversation,
    begin: Callable[[], Started],
    selection: ModelSelection,
    is_traced: bool = False,
) -> Asked:
    """Start a turn whose events go into a feed, too, and its steps where somebody looks inside. Raises: BnaError."""
    if len(services.turns.running()) >= MOST_TURNS:
        raise RateLimited("Too many answers are being written.", "Try again in a moment.", retry_after_s=5.0)
    feed: Broadcast[Event] = Broadcast()
    control = TurnControl(gate=ClosedGate(), trace=new_trace(services.providers.settings) if is_traced else None)
    if control.trace:
        control.trace.when_told = feed.put
    return Asked(services.turns.start(controller, conversation, begin, selection, control, feed), feed)
