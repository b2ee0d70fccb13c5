"""Who may use the HTTP API: a person who has signed in, a key's owner or this machine, how often and how much.

Where people sign in, a request has to bring their token, or a key of theirs. Else, with keys in the settings, it has to
bring one of those; without any, only this machine is let in, by its own name and not from another site's page in its
browser. A page whose name was made to lead to this machine (DNS rebinding) is of the same origin to the browser, so
CORS does not stop it: only the header Host tells it apart.
"""

import asyncio
import hashlib
import hmac
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from controller.people.identity import ACCESS_HEADER, let_in, person_keys, person_of_tokens
from controller.services import OWNER
from model.errors import BnaError
from settings import Settings, SignIn
from view.http.errors import problem, problem_of, response_of

LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
PORTS = {"http": 80, "https": 443}  # that a browser leaves out
_AUTHORITY = re.compile(r"(\[[0-9a-fA-F:.]+(?:%[^\]\s]+)?\]|[^\s\[\]:/?#@\\,]+)(?::([0-9]{0,5}))?")
# What proxies, tunnels and networks put before a site say about whom they speak for.
_PROXIES = re.compile(
    r"via|forwarded(-for)?|cdn-loop|x-(real|forwarded|original|envoy|arr|amzn|azure|goog|appengine|vercel|auth\w*)-.*"
    r"|x-amz-cf-.*|(cf|fastly|akamai|x-akamai|tailscale|ngrok|x-ngrok)-.*|x-varnish|remote-user|x-forwarded"
    r"|.*client-?ip|.*connect(ing|ion)-ip|x-remote-(ip|addr)|x-proxyuser-ip"
)


PERSON = "bnagpt.person"  # where an ASGI scope tells who asks
Authenticate = Callable[[HTTPConnection], str]


@dataclass(frozen=True)
class Authority:
    """A host's name or address, in one spelling, and its port; None where none is named."""

    name: str
    port: int | None = None

    def __str__(self) -> str:
        return self.name if self.port is None else f"{self.name}:{self.port}"


@lru_cache(maxsize=200)
def authority_of(text: str) -> Authority | None:
    """Return what stands in a Host header; None where that is no host (RFC 9110, section 7.2)."""
    found = _AUTHORITY.fullmatch(text)
    return Authority(_one_spelling(found[1]), int(found[2]) if found[2] else None) if found else None


def _one_spelling(name: str) -> str:
    """Return a name in small letters without the root's dot; an address without its zone, as short as it can be."""
    name = name.lower().removesuffix(".")
    try:
        address = ip_address(name.strip("[]").partition("%")[0])
    except ValueError:
        return name
    address = getattr(address, "ipv4_mapped", None) or address
    return f"[{address}]" if isinstance(address, IPv6Address) else str(address)


def host_names(hosts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names among hosts as a person writes them: with or without scheme, port and brackets."""
    bare = (host.partition("://")[2] or host for host in hosts)
    bare = (host.partition("/")[0] for host in bare)
    read = (authority_of(f"[{host}]" if host.count(":") > 1 and "[" not in host else host) for host in bare)
    return tuple(_as_ascii(authority.name) for authority in read if authority)


def _as_ascii(name: str) -> str:
    """Return a name as browsers send it, who write other letters in ASCII."""
    try:
        return name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        return name


def is_named(name: str, names: tuple[str, ...]) -> bool:
    """Return whether a name is one of these; “*.” stands for any name in front, “*” alone for all."""
    return any(name == own or own == "*" or (own.startswith("*.") and name.endswith(own[1:])) for own in names)


def asked_host(asked: HTTPConnection) -> Authority | None:
    """Return which host a request asks; None unless it names exactly one."""
    hosts = asked.headers.getlist("host")
    return authority_of(hosts[0]) if len(hosts) == 1 else None


def is_cross_origin(asked: HTTPConnection, host: Authority, origins: tuple[str, ...] = ()) -> bool:
    """Return whether a page of another origin asks, by what a browser says of it: another port is another origin.

    Sec-Fetch-Site stands where Origin does not: in what pictures, scripts, forms and frames of a page ask for.
    """
    found = asked.headers.getlist("origin")
    if found and all(origin in origins for origin in found):
        return False
    site = asked.headers.get("sec-fetch-site", "none").lower()
    return any(not _is_of(origin, host) for origin in found) or site not in ("none", "same-origin")


def _is_of(origin: str, host: Authority) -> bool:
    """Return whether an origin is that of a host's pages."""
    scheme, _, rest = origin.partition("://")
    port, page = PORTS.get(scheme.lower()), authority_of(rest)
    return bool(port and page and page.name == host.name and (page.port or port) == (host.port or port))


def with_whole_ids(scope: Scope) -> Scope:
    """Return a request whose path keeps its escapes where ids stand: a “/” of an id would end a part of the path."""
    raw: bytes | None = scope.get("raw_path")
    if scope["type"] != "http" or raw is None or b"/conversations/" not in raw:
        return scope
    return {**scope, "path": raw.decode("ascii", "replace")}


def is_forwarded(headers: Headers) -> bool:
    """Return whether a proxy passes a request on: its address is the proxy's then, and tells nothing of who asks."""
    return any(_PROXIES.fullmatch(name) for name in headers.keys())


def foreign(
    asked: HTTPConnection, origins: tuple[str, ...], names: tuple[str, ...] = LOCAL_NAMES, is_open: bool = False
) -> str:
    """Return why a request is not from this machine's own hand; "" when it is.

    A link from anywhere may lead to what is open.
    """
    host = asked_host(asked)
    if not _is_loopback(asked.client.host if asked.client else ""):
        return "Without API_KEYS in .env, only this machine may ask."
    if is_forwarded(asked.headers):
        return "A proxy passes this request on, so it may be anyone's. Put API_KEYS into .env."
    if host is None or not is_named(host.name, names):
        return "Without API_KEYS in .env, the host has to be localhost or 127.0.0.1, or one of ALLOWED_HOSTS."
    if is_cross_origin(asked, host, origins) and not (is_open and is_visit(asked)):
        return "Pages of other sites may not ask. API_ORIGINS in .env names those that may."
    return ""


def is_visit(asked: HTTPConnection) -> bool:
    """Return whether a person follows a link: the browser shows what comes, and no other page can read it."""
    headers = asked.headers
    is_shown = (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) == ("navigate", "document")
    return is_shown and "origin" not in headers and asked.scope.get("method") in ("GET", "HEAD")


def _is_loopback(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def is_known(key: str, keys: tuple[str, ...]) -> bool:
    """Return whether a key is one of those in the settings, in a time that tells nothing of them."""
    digest = digest_of(key)
    # All are compared, also behind the one that fits.
    return sum(hmac.compare_digest(digest, known) for known in keys) > 0


def authenticator(settings: Settings) -> Authenticate:
    """Return what tells who asks; it may ask the identity provider for its keys.

    It raises: NotSignedIn, SignInUnreachable.
    """
    sign_in, keys = settings.sign_in, person_keys(settings)

    def person_of(asked: HTTPConnection) -> str:
        if not sign_in.kind:
            return OWNER
        if sign_in.kind != "locked" and (person := keys.person(bearer_key(asked.headers))):
            return let_in(sign_in, person)
        return person_of_tokens(sign_in, _tokens_of(sign_in, asked.headers))

    return person_of


def bearer_key(headers: Headers) -> str:
    """Return the key that a request brings; "" when it brings none."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")


def _tokens_of(sign_in: SignIn, headers: Headers) -> list[str]:
    """Return the tokens that a request brings in the place where they belong."""
    if sign_in.kind == "cloudflare":
        return headers.getlist(ACCESS_HEADER)
    bearers = [value.partition(" ") for value in headers.getlist("authorization")]
    return [token.strip() for scheme, _, token in bearers if scheme.lower() == "bearer"]


def client_of(asked: HTTPConnection, keys: tuple[str, ...]) -> str:
    """Return what stands for a client: a key of the settings, else its address; whoever likes makes up a key."""
    key = bearer_key(asked.headers)
    return digest_of(key) if is_known(key, keys) else address_of(asked)


def address_of(asked: HTTPConnection) -> str:
    """Return where a request comes from; of IPv6 the network, in which one client has 2^64 addresses."""
    host = asked.client.host if asked.client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    address = getattr(address, "ipv4_mapped", None) or address
    return address.exploded[:19] if isinstance(address, IPv6Address) else str(address)


def digest_of(key: str) -> str:
    """Return a key's SHA-256 in hexadecimal."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


MOST_CLIENTS = 10_000  # that are remembered; who has long been silent has a full bucket anyway


class RateLimit:
    """So many requests a minute for each client, all of them at once if it likes; for one thread."""

    def __init__(self, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._capacity = max(1.0, per_minute)
        self._per_s = per_minute / 60
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # what was left, and when

    def wait_s(self, client: str) -> float:
        """Take a token, and return 0; or return how long it takes until there is one."""
        now_s = self._clock()
        left, at_s = self._buckets.pop(client, (self._capacity, now_s))
        left = min(self._capacity, left + (now_s - at_s) * self._per_s)
        is_allowed = left >= 1
        self._buckets[client] = (left - 1 if is_allowed else left, now_s)
        if len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if is_allowed else (1 - left) / self._per_s


SLOWEST_BODY_S = 30.0
SLOWEST_BYTES_PER_S = 20_000  # a large body has as much more time
FAILURES = "failures"
MOST_FAILURES = 10  # clients' worth, of wrong keys from all addresses together
OPEN_PATHS = re.compile("/?|/openapi.json|/docs(/.*)?")  # they tell nothing of anyone
POLICY = 1008  # why a WebSocket is closed (RFC 6455, section 7.4.1)


class AuthMiddleware:
    """ASGI middleware in front of the API."""

    def __init__(self, app: ASGIApp, settings: Settings, limit: RateLimit) -> None:
        self.app = app
        self.settings = settings
        self.names = (*LOCAL_NAMES, *host_names(settings.allowed_hosts))
        self.limit = limit
        self.failures = RateLimit(MOST_FAILURES * settings.api_requests_per_minute)
        self.authenticate = authenticator(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or tell why not."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif refusal := await self._refusal_of(HTTPConnection(scope)):
            await refused(scope, receive, send, refusal)
        elif scope["type"] == "http":
            await self.app(with_whole_ids(scope), in_time(receive), send)
        else:
            await self.app(scope, receive, send)

    async def _refusal_of(self, asked: HTTPConnection) -> Response | None:
        """Return the response to a request that is not let in; None for one that is, whose scope tells who asks."""
        if not self.settings.sign_in.kind:
            asked.scope[PERSON] = OWNER
            return self._refusal(asked)
        is_open = bool(OPEN_PATHS.fullmatch(path_of(asked)))
        host = asked_host(asked)
        # The browser of somebody who has signed in brings their token to whatever page makes it ask.
        is_visited = is_open and is_visit(asked)
        if host is None or (is_cross_origin(asked, host, self.settings.api_origins) and not is_visited):
            return _problem(asked, 403, "Pages of other sites may not ask. API_ORIGINS in .env names those that may.")
        if is_open or asked.scope.get("method") == "OPTIONS":
            wait_s = self.limit.wait_s(address_of(asked))
            return _too_often(asked, wait_s) if wait_s else None
        try:
            person = await run_in_threadpool(self.authenticate, asked)
        except BnaError as error:
            wait_s = self.failures.wait_s(FAILURES)
            return _too_often(asked, wait_s) if wait_s else _told(asked, problem_of(error))
        asked.scope[PERSON] = person
        wait_s = self.limit.wait_s(person)
        return _too_often(asked, wait_s) if wait_s else None

    def _refusal(self, asked: HTTPConnection) -> Response | None:
        """Return the same where nobody signs in."""
        keys, is_open = self.settings.api_keys, bool(OPEN_PATHS.fullmatch(path_of(asked)))
        if not keys and (reason := foreign(asked, self.settings.api_origins, self.names, is_open)):
            return _problem(asked, 403, reason)
        # Counted before the key is looked at, or keys could be guessed without end.
        if wait_s := self.limit.wait_s(client_of(asked, keys)):
            return _too_often(asked, wait_s)
        if not keys or is_open or asked.scope.get("method") == "OPTIONS" or is_known(bearer_key(asked.headers), keys):
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
    return _problem(asked, 429, "Too many requests.", {"Retry-After": f"{wait_s + 1:.0f}"})


def _problem(asked: HTTPConnection, status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    return _told(asked, problem(status, detail), headers)


def _told(asked: HTTPConnection, told: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return response_of(told, headers, is_openai="/v1/" in str(asked.scope["path"]))
