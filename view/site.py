"""Pages and HTTP API on one port, with headers that tell the browser what it may do.

    uvicorn view.site:app

It adds a Content-Security-Policy: whatever a model may write, the browser asks no other host. It leaves out a login.
Read next: `view/http_api.py`.
"""

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from settings import ROOT
from view.http_api import build_api
from view.services import services

# Streamlit sets styles from its scripts, compiles some of them to WebAssembly, and runs workers from blobs.
POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "worker-src": "'self' blob:",
    "frame-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
}


class SecurityHeaders:
    """ASGI middleware that puts the headers on every response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its response back with the headers."""

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self.app(scope, receive, send_on)


def build_site() -> st.App:
    """Return the pages with the API mounted beside them; both work on the same parts."""
    routes = [Mount("/api", app=build_api(services))]
    return st.App(ROOT / "Home.py", routes=routes, middleware=[Middleware(SecurityHeaders)])


def __getattr__(name: str) -> st.App:
    """Build `app` when a server asks for it: to import this module costs nothing."""
    if name != "app":
        raise AttributeError(name)
    return build_site()
