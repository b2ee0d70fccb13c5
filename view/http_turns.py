"""From a request to a turn: the same turns, and the same file, as the pages have.

A turn's events go by on their way to `controller/turns.py`; here they are written into a feed, which responses read.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock

from starlette.requests import HTTPConnection

from controller.running_turn import RunningTurn
from controller.turn import Choice
from model.conversation import Conversation
from model.errors import RateLimited
from model.event import Event, Started
from model.message import Message
from utils.feed import Feed
from view.http_files import kept
from view.http_shapes import ChatRequest
from view.http_wishes import choice_of, conversation_of, stage_of
from view.parts import Services

LONGEST_TURN_S = 600.0
MOST_TURNS = 500  # at once: each takes some threads
_STARTING = Lock()


@dataclass(frozen=True)
class Asked:
    """A question on its way: its turn, and the feed of its events."""

    turn: RunningTurn
    feed: Feed[Event]
    whole: list[str]  # what the answer said when it was whole

    @property
    def conversation_id(self) -> str:
        """Return the id of the conversation, which is its first message's."""
        return self.turn.conversation.id or ""

    async def ended(self) -> None:
        """Wait until the turn is saved; its events are over by then."""
        while not self.turn.has_ended:
            await asyncio.sleep(0.005)


def services_of(connection: HTTPConnection) -> Services:
    """Return the parts that the API was built on."""
    services: Services = connection.app.state.services()
    return services


def ask(services: Services, wish: ChatRequest) -> Asked:
    """Ask what a request wants to know; when this returns, the question is on disk.

    Raises: BnaError.
    """
    chosen = stage_of(wish.stage)
    choice = choice_of(services, wish.provider, wish.model, wish.conversation_id)
    files = kept(services, chosen, wish.attachments)
    # One at a time, so that two requests can't begin the same conversation.
    with _STARTING:
        conversation = conversation_of(services, wish.conversation_id)
        control = chosen.build_controller(services.providers, services.toolbox)
        events = control.reply(conversation, wish.message, choice, files)
        events = chosen_at_start(services, conversation, wish, events)
        if wish.conversation_id and not conversation.id:
            events = named(events, wish.conversation_id)
        return start(services, conversation, choice, events)


def chosen_at_start(
    services: Services, conversation: Conversation, wish: ChatRequest, events: Iterator[Event]
) -> Iterator[Event]:
    """Pass events on, and keep what a request chooses for its conversation once its turn is not refused."""
    wishes: dict[str, object] = {"instructions": wish.instructions, "reasoning_effort": wish.reasoning_effort}
    wishes |= {"sends_unasked": wish.sends_unasked}
    chosen_now = {name: value for name, value in wishes.items() if value is not None}
    for event in events:
        if isinstance(event, Started) and chosen_now:
            services.changes.choose(conversation, **chosen_now)
        yield event


def start(services: Services, conversation: Conversation, choice: Choice, events: Iterator[Event]) -> Asked:
    """Start a turn whose events go by a feed.

    Raises: BnaError.
    """
    if len(services.turns.running()) >= MOST_TURNS:
        raise RateLimited("Too many answers are being written.", "Try again in a moment.", retry_after_s=5.0)
    feed: Feed[Event] = Feed()
    whole: list[str] = []
    events = heard(events, feed, whole, services.journal.is_crowded)
    return Asked(services.turns.start(conversation, choice, events), feed, whole)


def heard(
    events: Iterator[Event], feed: Feed[Event], whole: list[str], is_crowded: Callable[[], bool]
) -> Iterator[Event]:
    """Pass events on, write each into a feed, and note what the answer says at the end.

    A client gets an event when it is on disk, unless so many turns run that this would take long.
    """
    answer: Message | None = None
    try:
        for event in events:
            answer = event.answer if isinstance(event, Started) else answer
            if is_first := is_crowded():
                feed.put(event)
            yield event  # whoever takes the next one has written it
            if not is_first:
                feed.put(event)
    finally:
        whole.extend([answer.content] if answer else [])
        feed.close()


def named(events: Iterator[Event], conversation_id: str) -> Iterator[Event]:
    """Pass events on, with the id that a client has chosen for its conversation on the first message."""
    for event in events:
        if isinstance(event, Started):
            event.question.id = event.answer.parent = conversation_id
        yield event
