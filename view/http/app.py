"""The HTTP API: the same stages and conversations as the pages, for programs.

    uvicorn view.http_api:app

It adds no ability of its own: requests become turns in `view/http/turns.py`, and events become responses in
`view/http/events.py`. Where people sign in, each asks for their own; without that a key opens everything.
"""

import sys
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Security
from fastapi.security import HTTPBearer
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from controller.services import App
from settings import Settings
from view.app import RunningApp, built_once
from view.http import chat, conversations, docs, openai, websocket
from view.http.auth import AuthMiddleware, RateLimit, authenticator
from view.http.connections import watch_connections
from view.http.errors import API_POLICY, MEDIA_TYPE, SecurityHeaders, tell_errors
from view.http.schemas import Problem
from view.http.turns import services_of
from view.mcp.http import McpEndpoint

LARGEST_BODY_BYTES = 10_000_000
SWITCH_INTERVAL_S = 0.05
ABOUT = "A ChatGPT you can read, for programs. Streams are server-sent events; errors are problem+json (RFC 9457)."
PROBLEMS: dict[int | str, dict[str, Any]] = {
    kind: {"description": "A problem", "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}}
    for kind in ("4XX", "5XX")
}


def build_api(app: Callable[[], App]) -> FastAPI:
    """Return the API over an app, which the first request builds."""
    settings = Settings.load()
    api = FastAPI(
        title="bnaGPT",
        description=ABOUT,
        version="1",
        docs_url=None,  # ours is in view/http/docs.py
        redoc_url=None,
        responses=PROBLEMS,
        max_body_size=LARGEST_BODY_BYTES,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    api.state.app = app
    api.state.authenticate = authenticator(settings)
    api.state.keys = settings.api_keys
    api.state.limit = RateLimit(settings.api_requests_per_minute)
    for part in (chat, conversations, openai):
        api.include_router(
            part.router, dependencies=[Security(HTTPBearer(auto_error=False))]
        )  # what /docs tells of keys
    for part in (websocket, docs):
        api.include_router(part.router)
    api.router.routes.append(Route("/mcp", McpEndpoint(services_of), include_in_schema=False))
    tell_errors(api)
    api.add_middleware(AuthMiddleware, settings=settings, limit=api.state.limit)
    if settings.api_origins:
        # The last one that is added comes first: a browser asks whether it may ask before it brings a key.
        api.add_middleware(CORSMiddleware, allow_origins=settings.api_origins, allow_methods=["*"], allow_headers=["*"])
    api.add_middleware(SecurityHeaders, policy=API_POLICY)
    watch_connections()
    return api


def __getattr__(name: str) -> FastAPI:
    """Build `app` when a server asks for it: to import this module costs nothing."""
    if name != "app":
        raise AttributeError(name)
    # Each of hundreds of threads does little at a time: to take turns more often costs more than it gives.
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    return build_api(built_once(RunningApp))
