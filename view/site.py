"""What `streamlit run Home.py` serves: the pages behind a gate and a Content-Security-Policy, and the API at `/api`.

The policy holds whatever a model may write: the browser asks no other host. Streamlit's gate compares names without
ports, and asks a host on the internet for this machine's address; so names are settled before it is asked.
The page that each address shows first learns here where its server is: by itself it asks for `<page>/_stcore/health`
and `<page>/_stcore/host-config` first, two answers of 404 at every opening. Behind a proxy it is left to find out.
"""

import base64
import hashlib
import re
import signal
import sys
from asyncio import Lock
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
import uvicorn
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config
from streamlit.cli_util import open_browser
from streamlit.web.server.server_util import get_display_address, get_url
from uvicorn.importer import import_from_string

from model.errors import BnaError
from settings import ROOT, Settings
from view.http.auth import (
    LOCAL_NAMES,
    Authenticate,
    Authority,
    asked_host,
    authenticator,
    host_names,
    in_time,
    is_cross_origin,
    is_forwarded,
    is_named,
    is_visit,
    refused,
    with_whole_ids,
)
from view.http.connections import watch_connections
from view.http.errors import SecurityHeaders, problem_of
from view.pages import provide_parts
from view.shell.page import STYLE
from view.shell.services import the_app

# Figures of the process, and interfaces for programs that nobody here has asked for; the HTTP API is the one for them.
CLOSED = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check")
HEALTH = "/_stcore/health"  # what looks whether the server is up has not signed in


class SiteGate:
    """ASGI middleware in front of the pages."""

    def __init__(
        self, app: ASGIApp, names: tuple[str, ...], is_opened: bool, authenticate: Authenticate | None = None
    ) -> None:
        """Let in who asks for one of these names; `is_opened` says that a proxy is expected in front.

        `authenticate` looks at each request, where a proxy has signed people in before it comes here.
        """
        self.app = app
        self.names = names
        self.is_opened = is_opened
        self.authenticate = authenticate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or tell why not."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        if is_for_api(scope["path"]):
            await self.app(with_whole_ids(scope), receive, send)  # Streamlit refuses paths with “..” in them
            return
        asked = HTTPConnection(scope)
        host = asked_host(asked)
        if reason := self._refusal(asked, host):
            await refused(scope, receive, send, PlainTextResponse(reason, 403))
        elif any(closed in scope["path"] for closed in CLOSED):
            await refused(scope, receive, send, PlainTextResponse("There is nothing here.", 404))
        elif error := await self._not_signed_in(asked):
            await refused(scope, receive, send, PlainTextResponse(error.message, int(problem_of(error)["status"])))
        else:
            assert host
            known = plainly_own(scope, host)
            await self.app(known, in_time(receive) if scope["type"] == "http" else receive, send)

    async def _not_signed_in(self, asked: HTTPConnection) -> BnaError | None:
        """Return why nobody is known to ask; None where somebody is, or nobody needs to be."""
        try:
            if self.authenticate and asked.scope["path"] != HEALTH:
                await run_in_threadpool(self.authenticate, asked)
        except BnaError as error:
            return error
        return None

    def _refusal(self, asked: HTTPConnection, host: Authority | None) -> str:
        """Return why a request is not let in; "" when it is."""
        if host is None or not is_named(host.name, self.names):
            name = host.name if host else "YOUR-HOST"
            return (
                f"bnaGPT does not answer to this name. If it is your own, put ALLOWED_HOSTS={name} into .env"
                " and start again."
            )
        if is_forwarded(asked.headers) and not self.is_opened:
            return "A proxy passes this request on. Put its host's name into .env, as ALLOWED_HOSTS, and start again."
        if is_cross_origin(asked, host) and not is_visit(asked):
            return "Pages of other sites may not ask."
        return ""


def is_for_api(path: str) -> bool:
    """Return whether a path is one of the HTTP API's."""
    return path.startswith("/api/")


def plainly_own(scope: Scope, host: Authority) -> Scope:
    """Return a request that is known to be a page's own in the plainest form: Streamlit looks nothing up then."""
    known = {**scope, "headers": list(scope["headers"])}
    headers = MutableHeaders(scope=known)
    headers["host"] = str(host)
    if "origin" in headers:
        headers["origin"] = f"{headers['origin'].partition('://')[0]}://{host}"
    return known


WHERE = "<script>window.__streamlit = {BACKEND_BASE_URL: location.origin}</script>"


def streamlits_page() -> str:
    """Return Streamlit's page with bnaGPT's style, behind Streamlit's own: nothing moves once the script has run."""
    page = (Path(st.__file__).with_name("static") / "index.html").read_text(encoding="utf-8")
    return page.replace("</body>", f"<style>{STYLE.read_text(encoding='utf-8')}</style></body>", 1)


def own_page() -> str:
    """Return Streamlit's page, told where its server is."""
    return streamlits_page().replace("<head>", f"<head>{WHERE}", 1)


def script_hashes() -> list[str]:
    """Return the hashes of the scripts that stand in the page itself, as a Content-Security-Policy names them."""
    scripts = re.findall(r"<script>(.*?)</script>", own_page(), re.S)
    return [f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts]


def page_routes() -> list[Route]:
    """Return the addresses of all pages; none where a person has put bnaGPT under another path."""
    if config.get_option("server.baseUrlPath"):
        return []
    own, streamlits = own_page(), streamlits_page()

    async def show(request: Request) -> HTMLResponse:
        page = streamlits if is_forwarded(request.headers) else own
        return HTMLResponse(page, headers={"Cache-Control": "no-cache"})

    names = [re.sub(r"^[0-9]+[_ -]*", "", path.stem) for path in sorted((ROOT / "pages").glob("*.py"))]
    return [Route(f"/{name}", show) for name in ["", *names]]


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
    named = host_names(tuple(name for name in told if name not in EVERY_INTERFACE))
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
    provide_parts()
    # By name, as servers take an app: FastAPI and all of the API take half a second, which no page waits for.
    api: ASGIApp = import_from_string("view.http.app:build_api")(the_app)
    return api


def _gate(app: ASGIApp) -> ASGIApp:
    """Return the gate in front of the pages; Streamlit looks for the same names once more."""
    settings = Settings.load()
    opened = opened_names(settings)
    names = (*LOCAL_NAMES, *opened)
    config.set_option("server.allowedHosts", [name.strip("[]") for name in names])
    authenticate = authenticator(settings) if settings.sign_in.kind == "cloudflare" else None
    return SiteGate(app, names, bool(opened or authenticate), authenticate)


def check_address(settings: Settings) -> None:
    """End the program where everybody who can reach this machine could read and ask, in one sentence."""
    address = config.get_option("server.address") or "0.0.0.0"
    is_local = address in ("localhost", "::1") or address.startswith("127.")
    if not (is_local or settings.sign_in.kind or settings.api_keys):
        sys.exit(
            f"bnaGPT does not start: at {address} everybody in the network could read your conversations and ask at"
            " your cost. Set SIGN_IN for people who sign in, or API_KEYS; docs/privacy.md tells more."
        )


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
    check_address(Settings.load())
    return [Middleware(SecurityHeaders, policy=policy()), Middleware(_gate)]


def routes() -> list[BaseRoute]:
    """Return what is served beside Streamlit's own, and before it."""
    return [Mount("/api", app=Later(_api)), *page_routes()]
