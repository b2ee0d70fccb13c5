"""Where an error becomes a response: problem+json (RFC 9457); and the headers that every response has."""

import json
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model import errors
from model.errors import BnaError, RateLimited

MEDIA_TYPE = "application/problem+json"
LONGEST_WAIT_S = 86_400.0  # that a client is told; a provider may have said any number, and JSON knows no infinity
# The nearest family that stands here counts.
STATUSES: dict[type, HTTPStatus] = {
    BnaError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.ProviderError: HTTPStatus.BAD_GATEWAY,
    errors.MissingKey: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.ModelNotFound: HTTPStatus.NOT_FOUND,
    errors.RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
    errors.ContextWindowExceeded: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.TurnUnderWay: HTTPStatus.CONFLICT,
    errors.StoreError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.ConversationNotFound: HTTPStatus.NOT_FOUND,
    errors.ConversationExists: HTTPStatus.CONFLICT,
    errors.StoreUnreadable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StoreUnwritable: HTTPStatus.INSUFFICIENT_STORAGE,
    errors.ToolError: HTTPStatus.BAD_GATEWAY,
    errors.NotSignedIn: HTTPStatus.FORBIDDEN,
    errors.SignInUnreachable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.InputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.UnsupportedFile: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.FileTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}


def problem_of(error: BnaError) -> dict[str, Any]:
    """Return what a client is told of an error."""
    status = next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
    told = problem(status, error.message) | {"hint": error.hint, "kind": type(error).__name__}
    wait_s = error.retry_after_s if isinstance(error, RateLimited) else None
    return told | ({"retry_after_s": wait_s} if wait_s and 0 < wait_s < LONGEST_WAIT_S else {})


def problem(status: int, detail: str) -> dict[str, Any]:
    """Return a problem as RFC 9457 wants it."""
    return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": int(status), "detail": detail}


def response_of(told: Mapping[str, Any], headers: Mapping[str, str] | None = None, is_openai: bool = False) -> Response:
    """Return the response that tells a problem; OpenAI's clients look for it in a form of their own."""
    headers = dict(headers or {})
    if wait_s := told.get("retry_after_s"):
        headers["Retry-After"] = str(math.ceil(wait_s))
    told = as_openai(told) if is_openai else told
    # Escapes keep even half a surrogate pair, which has no form in UTF-8.
    return Response(json.dumps(told), int(told["status"]), headers, MEDIA_TYPE)


def as_openai(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return a problem that also tells itself as OpenAI's clients look for it."""
    kind = told.get("kind") or told["title"]
    return {**told, "error": {"message": told["detail"], "type": kind, "param": None, "code": None}}


def tell_errors(api: Starlette) -> None:
    """Let every error of an API become a problem."""
    from fastapi.exceptions import RequestValidationError  # here: the pages' gate needs errors, and not FastAPI

    api.add_exception_handler(BnaError, _tell_ours)
    api.add_exception_handler(RequestValidationError, _tell_invalid)
    api.add_exception_handler(HTTPException, _tell_status)
    api.add_exception_handler(Exception, _tell_bug)


def _respond(request: Request, told: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    return response_of(told, headers, is_openai="/v1/" in request.url.path)


async def _tell_ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, BnaError)
    return _respond(request, problem_of(error))


async def _tell_invalid(request: Request, error: Exception) -> Response:
    """Tell what is wrong with a request, each place by its name; what was sent is not sent back."""
    wrong = [{"where": ".".join(map(str, one["loc"])), "what": one["msg"]} for one in error.errors()]  # type: ignore[attr-defined]
    detail = "; ".join(f"{one['where']}: {one['what']}" for one in wrong[:5])
    return _respond(request, problem(422, detail) | {"errors": wrong})


async def _tell_status(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _respond(request, problem(error.status_code, str(error.detail)), error.headers)


async def _tell_bug(request: Request, error: Exception) -> Response:
    """Say no more than that it is a bug: the server raises the error again, into its log."""
    del error
    # It is made outside of all middleware, so nothing else puts the headers on it.
    headers = HEADERS | {"Content-Security-Policy": API_POLICY}
    return _respond(request, problem(500, "bnaGPT has a bug here. The terminal shows details."), headers)


# What a browser may do with a response.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "X-DNS-Prefetch-Control": "off",  # a look-up of a link's host would tell that host's server what is read here
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
}
# The API's answers are data; its one page has scripts and styles of this machine, and asks nobody else.
API_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class SecurityHeaders:
    """ASGI middleware that puts the headers on every response."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self.app = app
        told = HEADERS | {"Content-Security-Policy": policy}
        self.headers = [(name.lower().encode(), value.encode()) for name, value in told.items()]
        self.names = {name for name, _ in self.headers}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its response back with the headers."""
        has_begun = False

        async def send_on(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                others = [(name, value) for name, value in message.get("headers", ()) if name not in self.names]
                message["headers"] = [*others, *self.headers]
            await send(message)

        try:
            await self.app(scope, receive, send_on)
        except Exception:
            # The framework would answer from outside of here; what is raised goes on into its log.
            if scope["type"] == "http" and not has_begun:
                await PlainTextResponse("bnaGPT has a bug here. The terminal shows details.", 500)(
                    scope, receive, send_on
                )
            raise
