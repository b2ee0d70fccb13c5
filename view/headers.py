"""The headers that tell a browser what it may do with a response, for the pages and the HTTP API alike."""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
                await PlainTextResponse("bnaGPT has a bug here. The terminal tells more.", 500)(scope, receive, send_on)
            raise
