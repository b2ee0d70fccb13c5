"""The gate of the HTTP API: who may ask, how often and how much.

With keys in the settings a request has to bring one. Without any, only this machine is let in, by its own name and not
from another site's page in its browser; so neither the network nor a web page reaches it.
"""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from settings import Settings
from utils.rate_limit import RateLimit
from view.http_errors import problem, response_of
from view.http_who import LOCAL_NAMES, client_of, foreign, is_known, key_of, names_of, with_whole_ids

SLOWEST_BODY_S = 30.0
SLOWEST_BYTES_PER_S = 20_000  # a large body has as much more time
FAILURES = "failures"
MOST_FAILURES = 10  # clients' worth, of wrong keys from all addresses together
OPEN_PATHS = ("", "/", "/docs", "/openapi.json")  # they tell nothing of anyone
POLICY = 1008  # why a WebSocket is closed (RFC 6455, section 7.4.1)


class HttpGate:
    """ASGI middleware in front of the API."""

    def __init__(self, app: ASGIApp, settings: Settings, limit: RateLimit) -> None:
        self.app = app
        self.settings = settings
        self.names = (*LOCAL_NAMES, *names_of(settings.allowed_hosts))
        self.limit = limit
        self.failures = RateLimit(MOST_FAILURES * settings.api_requests_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or tell why not."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif refusal := self._refusal(HTTPConnection(scope)):
            await refused(scope, receive, send, refusal)
        elif scope["type"] == "http":
            await self.app(with_whole_ids(scope), in_time(receive), send)
        else:
            await self.app(scope, receive, send)

    def _refusal(self, asked: HTTPConnection) -> Response | None:
        """Return the response to a request that is not let in; None for one that is."""
        keys, is_open = self.settings.api_keys, path_of(asked) in OPEN_PATHS
        if not keys and (reason := foreign(asked, self.settings.api_origins, self.names, is_open)):
            return _problem(asked, 403, reason)
        # Counted before the key is looked at, or keys could be guessed without end.
        if wait_s := self.limit.wait_s(client_of(asked, keys)):
            return _too_often(asked, wait_s)
        if not keys or is_open or asked.scope.get("method") == "OPTIONS" or is_known(key_of(asked.headers), keys):
            return None
        if wait_s := self.failures.wait_s(FAILURES):
            return _too_often(asked, wait_s)
        return _problem(asked, 401, "A valid key is needed.", {"WWW-Authenticate": "Bearer"})


def path_of(asked: HTTPConnection) -> str:
    """Return a request's path within the API."""
    return str(asked.scope["path"]).removeprefix(asked.scope.get("root_path", ""))


def in_time(receive: Receive) -> Receive:
    """Return a `receive` that raises HTTPException for a body that is too slow as a whole.

    A large body has as much more time as it is larger, as Apache's mod_reqtimeout does it.
    """
    is_whole = False
    until_s = asyncio.get_running_loop().time() + SLOWEST_BODY_S

    async def take() -> Message:
        nonlocal is_whole, until_s
        if is_whole:
            return await receive()
        try:
            async with asyncio.timeout_at(until_s):
                message = await receive()
        except TimeoutError as error:
            raise HTTPException(408, "The request took too long to arrive.") from error
        until_s += len(message.get("body", b"")) / SLOWEST_BYTES_PER_S
        is_whole = not message.get("more_body", False)
        return message

    return take


async def refused(scope: Scope, receive: Receive, send: Send, refusal: Response) -> None:
    """Say no, in the way of the protocol."""
    if scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
        await refusal(scope, receive, send)
    else:
        await WebSocketClose(POLICY)(scope, receive, send)


def _too_often(asked: HTTPConnection, wait_s: float) -> Response:
    return _problem(asked, 429, "You ask too often.", {"Retry-After": f"{wait_s + 1:.0f}"})


def _problem(asked: HTTPConnection, status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    return response_of(problem(status, detail), headers, is_openai="/v1/" in str(asked.scope["path"]))
