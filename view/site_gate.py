"""The gate of the pages: Streamlit's socket, uploads and files are for bnaGPT's own pages alone.

Streamlit compares names without ports, and takes any page of this machine for its own. Where it knows a page of
another name, it asks a host on the internet for this machine's address. So both are settled before it is asked.

The API under `/api` has a gate of its own: `view/http_gate.py`.
"""

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from view.http_gate import in_time, refused
from view.http_who import Authority, host_of, is_cross_origin, is_forwarded, is_named, is_visit, with_whole_ids

# Figures of the process, and interfaces for programs that nobody here has asked for; the HTTP API is the one for them.
CLOSED = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check")


class SiteGate:
    """ASGI middleware in front of the pages."""

    def __init__(self, app: ASGIApp, names: tuple[str, ...], is_opened: bool) -> None:
        """Let in who asks for one of these names; `is_opened` says that a person has named some."""
        self.app = app
        self.names = names
        self.is_opened = is_opened

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or tell why not."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        if is_for_api(scope["path"]):
            await self.app(with_whole_ids(scope), receive, send)  # Streamlit refuses paths with “..” in them
            return
        asked = HTTPConnection(scope)
        host = host_of(asked)
        if reason := self._refusal(asked, host):
            await refused(scope, receive, send, PlainTextResponse(reason, 403))
        elif any(closed in scope["path"] for closed in CLOSED):
            await refused(scope, receive, send, PlainTextResponse("There is nothing here.", 404))
        else:
            assert host
            known = plainly_own(scope, host)
            await self.app(known, in_time(receive) if scope["type"] == "http" else receive, send)

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
    """Tell whether a path is one of the HTTP API's."""
    return path.startswith("/api/")


def plainly_own(scope: Scope, host: Authority) -> Scope:
    """Return a request that is known to be a page's own in the plainest form: Streamlit looks nothing up then."""
    known = {**scope, "headers": list(scope["headers"])}
    headers = MutableHeaders(scope=known)
    headers["host"] = str(host)
    if "origin" in headers:
        headers["origin"] = f"{headers['origin'].partition('://')[0]}://{host}"
    return known
