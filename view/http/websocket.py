"""The HTTP API's WebSocket: questions and events as JSON, several turns on one connection.

    client   {"type": "chat", "message": "Hi"}      and what else POST /chat takes
             {"type": "stop"}
             {"type": "resume", "conversation_id": "...", "last_event": 12}
    server   {"id": 13, "event": "token", "data": " there"}

A lost connection loses nothing: the turn goes on, and whoever resumes gets what they have not seen.
"""

import asyncio
import json
from collections import OrderedDict
from contextlib import suppress
from threading import Lock
from typing import Annotated, Any, Literal

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from controller.chat.elsewhere.turn import TurnElsewhere
from controller.history.editing import Changes
from controller.resources import Resources, built_per_person
from controller.services import Services
from model.errors import BnaError, ConversationNotFound, RateLimited, TurnUnderWay
from view.http.auth import PERSON, Authenticate, client_of
from view.http.errors import problem, problem_of
from view.http.events import told
from view.http.schemas import ChatRequest
from view.http.turns import LONGEST_TURN_S, Asked, ask, services_of

MOST_KEPT = 200  # turns that can be taken up again
LARGEST_MESSAGE = 10_000_000
NOT_TEXT, TOO_LARGE = 1003, 1009  # why a connection is closed (RFC 6455, section 7.4.1)


class Chat(ChatRequest):
    """A question."""

    type: Literal["chat"]


class Stop(BaseModel):
    """End the answer."""

    type: Literal["stop"]


class Resume(BaseModel):
    """Send what has come since an event; 0 for all."""

    type: Literal["resume"]
    conversation_id: str
    last_event: int = Field(0, ge=0)


COMMANDS: TypeAdapter[Chat | Stop | Resume] = TypeAdapter(Annotated[Chat | Stop | Resume, Field(discriminator="type")])
router = APIRouter()


class RecentTurns:
    """The newest turns, by their conversation, so that they can be taken up again; what was deleted is not kept."""

    def __init__(self) -> None:
        self._asked: OrderedDict[str, Asked] = OrderedDict()
        self._changes: Changes | None = None
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._asked)

    def keep(self, asked: Asked, changes: Changes) -> None:
        """Keep a turn, and let go of the oldest."""
        with self._lock:
            if self._changes is None:
                self._changes = changes
                changes.when_deleted(self._let_go)
            self._asked.pop(asked.conversation_id, None)
            self._asked[asked.conversation_id] = asked
            if len(self._asked) > MOST_KEPT:
                self._asked.popitem(last=False)

    def of(self, conversation_id: str, services: Services) -> Asked:
        """Return the newest turn of a conversation, if that still says what the turn said.

        Raises: ConversationNotFound.
        """
        with self._lock:
            asked = self._asked.get(conversation_id)
        if asked and not is_still_said(asked, services):
            with self._lock:
                self._asked.pop(conversation_id, None)
            asked = None
        asked = asked or elsewhere(conversation_id, services)
        if asked is None:
            raise ConversationNotFound("There is nothing to resume here.", "GET /conversations/{id} has what was said.")
        return asked

    def _let_go(self) -> None:
        with self._lock:
            gone = [
                key for key, one in self._asked.items() if self._changes and self._changes.is_deleted(one.turn.answer)
            ]
            for key in gone:
                del self._asked[key]


def elsewhere(conversation_id: str, services: Services) -> Asked | None:
    """Return the turn that runs in a conversation in another process, if one does and keeps its events."""
    turn = services.turns.of(conversation_id)
    feed = turn.events() if isinstance(turn, TurnElsewhere) else None
    return Asked(turn, feed) if turn and feed else None


def is_still_said(asked: Asked, services: Services) -> bool:
    """Return whether a turn runs, or its answer is saved as it was: neither deleted nor changed, here or elsewhere."""
    if services.turns.of(asked.conversation_id) is asked.turn:
        return True
    with suppress(ConversationNotFound):
        messages = services.conversations.load_conversation(asked.conversation_id).all_messages
        return any(one.id == asked.turn.answer.id and one.content == asked.turn.said for one in messages)
    return False


@built_per_person
def recent_of(_resources: Resources) -> RecentTurns:
    """Return the newest turns of a person."""
    return RecentTurns()


class Talk:
    """One connection."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self.asked: Asked | None = None
        self.sending: asyncio.Task[None] | None = None

    async def take(self, text: str) -> None:
        """Do what a message asks for, or tell why not."""
        try:
            await self.heed(COMMANDS.validate_json(text))
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_input=False, include_context=False)[0]
            await self.tell("error", problem(422, f"{'.'.join(map(str, wrong['loc']))}: {wrong['msg']}".lstrip(": ")))
        except BnaError as error:
            await self.tell("error", problem_of(error))

    async def heed(self, command: Chat | Stop | Resume) -> None:
        """Do what a message asks for. Raises: BnaError."""
        if isinstance(command, Stop):
            if self.asked:
                self.asked.turn.stop()
            return
        if self.sending and not self.sending.done():
            raise TurnUnderWay("An answer is still coming on this connection.", "Wait for it, or stop it.")
        await self.authenticate()
        services = await run_in_threadpool(services_of, self.socket)
        recent = recent_of(services.resources)
        if isinstance(command, Resume):
            self.send(await run_in_threadpool(recent.of, command.conversation_id, services), command.last_event)
            return
        client = self.socket.scope[PERSON] or client_of(self.socket, self.socket.app.state.keys)
        if wait_s := self.socket.app.state.limit.wait_s(client):
            raise RateLimited("Too many requests.", "Wait a little.", wait_s)
        asked = await run_in_threadpool(ask, services, command)
        recent.keep(asked, services.changes)
        asyncio.get_running_loop().call_later(LONGEST_TURN_S, asked.turn.stop)
        self.send(asked)

    async def authenticate(self) -> None:
        """Look once more who asks: a connection may outlive the token that it came with.

        Raises: NotSignedIn, SignInUnreachable.
        """
        authenticate: Authenticate = self.socket.app.state.authenticate
        self.socket.scope[PERSON] = await run_in_threadpool(authenticate, self.socket)

    def send(self, asked: Asked, after: int = 0) -> None:
        """Begin to send a turn's events."""
        self.asked = asked
        self.sending = asyncio.create_task(self._send(asked, after))

    async def _send(self, asked: Asked, after: int) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):  # who has left may resume
            async for batch in told(asked, after):
                for number, (name, data) in batch:
                    await self.tell(name, data, number)

    async def tell(self, name: str, data: str | dict[str, Any], number: int | None = None) -> None:
        """Send one event; what answers a message rather than a question has no number."""
        await self.socket.send_text(json.dumps({"id": number, "event": name, "data": data}))

    def leave(self) -> None:
        """Stop sending; the turn goes on."""
        if self.sending:
            self.sending.cancel()


@router.websocket("/ws")
async def socket(websocket: WebSocket) -> None:
    """Answer questions until the client leaves, or sends what is no text."""
    await websocket.accept()
    talk = Talk(websocket)
    try:
        while (message := await websocket.receive())["type"] == "websocket.receive":
            text = message.get("text")
            if text is None:
                await websocket.close(NOT_TEXT, "Only text is understood here.")
                break
            if len(text) > LARGEST_MESSAGE:
                await websocket.close(TOO_LARGE, "A message may be 10 MB large.")
                break
            await talk.take(text)
    finally:
        talk.leave()
