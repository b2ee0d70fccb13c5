"""What `streamlit run Home.py` serves beside the pages: the HTTP API under `/api`, a gate, and the policy of the pages.

The Content-Security-Policy holds whatever a model may write: the browser asks no other host. It leaves out a login.
"""

import signal
import sys
from asyncio import Lock
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
import uvicorn
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config
from streamlit.cli_util import open_browser
from streamlit.web.server.server_util import get_display_address, get_url

from settings import Settings
from view.http_headers import SecurityHeaders
from view.http_who import LOCAL_NAMES, names_of
from view.http_wire import watch_connections
from view.site_gate import SiteGate
from view.site_index import page_routes, script_hashes

EVERY_INTERFACE = ("", "0.0.0.0", "::")
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


def policy() -> str:
    """Return the Content-Security-Policy; of scripts inside the page only known ones run."""
    scripts = " ".join([POLICY["script-src"], *script_hashes()])
    return "; ".join(f"{name} {value}" for name, value in (POLICY | {"script-src": scripts}).items())


def opened_names(settings: Settings) -> tuple[str, ...]:
    """Return the names that a person has opened the pages to, in `.env` or with Streamlit's own options."""
    own = (config.get_option("server.address") or "", config.get_option("browser.serverAddress"))
    told = (*settings.allowed_hosts, *config.get_option("server.allowedHosts"), *own)
    named = names_of(tuple(name for name in told if name not in EVERY_INTERFACE))
    return tuple(name for name in dict.fromkeys(named) if name not in LOCAL_NAMES)


class Later:
    """An ASGI app that is built when it is first asked: a page's start does not pay for it."""

    def __init__(self, build: Callable[[], ASGIApp]) -> None:
        self.build = build
        self.app: ASGIApp | None = None
        self.lock = Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        async with self.lock:
            if self.app is None:
                self.app = await run_in_threadpool(self.build)
        await self.app(scope, receive, send)


def _api() -> ASGIApp:
    # Imported here: FastAPI and all of the API take half a second.
    from view.http_api import build_api
    from view.services import services

    return build_api(services)


def _gate(app: ASGIApp) -> ASGIApp:
    """Return the gate in front of the pages; Streamlit looks for the same names once more."""
    opened = opened_names(Settings.load())
    names = (*LOCAL_NAMES, *opened)
    config.set_option("server.allowedHosts", [name.strip("[]") for name in names])
    return SiteGate(app, names, is_opened=bool(opened))


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Do what Streamlit does by itself for apps that are a script alone: open the browser, and end quietly."""
    watch_connections()
    if Path(sys.argv[0]).name == "Home.py":  # Streamlit runs the server; another one has a port of its own choice
        end_quietly()
        if not config.get_option("server.headless"):
            address = get_display_address(config.get_option("server.address") or "localhost")
            open_browser(get_url(f"[{address}]" if ":" in address else address))
    yield None


def end_quietly() -> None:
    """Let Ctrl-C end the server, and no more: uvicorn would raise it again, which Streamlit tells as a fault."""
    server = getattr(signal.getsignal(signal.SIGINT), "__self__", None)
    if isinstance(server, uvicorn.Server):
        signal.signal(signal.SIGINT, lambda *_: _end(server))


def _end(server: uvicorn.Server) -> None:
    server.force_exit = server.should_exit  # who asks twice does not wait for open connections
    server.should_exit = True


def middleware() -> list[Middleware]:
    """Return what stands in front of pages, socket and uploads."""
    return [Middleware(SecurityHeaders, policy=policy()), Middleware(_gate)]


def routes() -> list[BaseRoute]:
    """Return what is served beside Streamlit's own, and before it."""
    return [Mount("/api", app=Later(_api)), *page_routes()]
