"""Pages and HTTP API on one port, with headers that tell the browser what it may do.

    uvicorn view.site:app

It adds a Content-Security-Policy: whatever a model may write, the browser asks no other host. It leaves out a login.
Read next: `view/http_api.py`.
"""

import base64
import hashlib
import re
from pathlib import Path

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from settings import ROOT
from view.http_api import build_api
from view.services import services

# Streamlit sets styles from its scripts, compiles some of them to WebAssembly, and runs components from blobs, which
# only a script that runs already can make.
POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'wasm-unsafe-eval' blob:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "frame-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
}


def policy() -> str:
    """Return the Content-Security-Policy; of scripts inside the page only Streamlit's run, known by their hashes."""
    page = Path(st.__file__).with_name("static") / "index.html"
    inline = re.findall(r"<script>(.*?)</script>", page.read_text(encoding="utf-8"), re.S)
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in inline]
    scripts = " ".join([POLICY["script-src"], *(f"'sha256-{digest}'" for digest in hashes)])
    return "; ".join(f"{name} {value}" for name, value in (POLICY | {"script-src": scripts}).items())


class SecurityHeaders:
    """ASGI middleware that puts the headers on every response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.headers = HEADERS | {"Content-Security-Policy": policy()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its response back with the headers."""

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
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
