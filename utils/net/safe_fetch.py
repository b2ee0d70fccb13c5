"""The one way in which this program opens an address that a person, a model or a page has named.

Every name is looked up once, all that it leads to is checked (`utils/net/addresses.py`), and the connection goes to one
of those very numbers. Redirects go through the same gate. Size, time and kind are limited, and no proxy is asked.
"""

import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Timer

import httpx

from utils.net.addresses import Resolver, parse_address, resolve, system_resolver
from utils.net.client import CancellableClient
from utils.threads.stop import CancellationToken

READABLE = ("text/", "application/json", "application/xml", "application/xhtml+xml", "application/rss+xml")


def _kind_of(response: httpx.Response, kinds: tuple[str, ...] = READABLE) -> tuple[str, str]:
    """Return the media type and the charset that the answer names; without a word it may be a page.

    Raises: ValueError when it is none of the kinds that are wanted.
    """
    media_type, _, _ = response.headers.get("Content-Type", "text/html").partition(";")
    media_type = media_type.strip().lower()
    if not media_type.startswith(kinds):
        wanted = "text that can be read here" if kinds == READABLE else "file of the kind that was expected"
        raise ValueError(f"The page is no {wanted}, but {media_type[:40] or 'of no kind'}.")
    return media_type, response.charset_encoding or ""


def _body_of(response: httpx.Response, limit_bytes: int, is_text: bool = True) -> bytes:
    """Return what the answer holds; more than the limit where there is more, but never much.

    Raises: ValueError when it is no text, though it should be, or packed in a way that is not known.
    """
    data = b""
    for piece in _unpacked(response, limit_bytes):
        data += piece
        if len(data) > limit_bytes:
            break
    if is_text and b"\0" in data[:1000] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ValueError("The page is not a text that can be read here.")
    return data


def _unpacked(response: httpx.Response, limit_bytes: int) -> Iterator[bytes]:
    """Yield the body in pieces; unpacked here, because httpx makes all of a piece at once, however large."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip", "x-gzip", "deflate"):
        raise ValueError(f"The page is packed in a way that can't be read here: {encoding[:40]}.")
    if encoding in ("identity", ""):
        yield from response.iter_raw()
        return
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip or zlib, whichever the data says
    try:
        for piece in response.iter_raw():
            yield unpack.decompress(piece, limit_bytes + 1)
    except zlib.error as error:
        raise ValueError("The page is packed wrongly, so it can't be read.") from error


MAX_REDIRECTS = 5
MAX_PLACES = 3  # of one name: more would use up the time


@dataclass(frozen=True)
class FetchRules:
    """What may be fetched; `allowed` holds host:port pairs that need not be public, `kinds` how media types begin."""

    allowed: frozenset[str] = frozenset()
    timeout_s: float = 10.0
    size_limit_bytes: int = 2_000_000
    user_agent: str = "Mozilla/5.0 (compatible; page reader)"
    resolver: Resolver = system_resolver
    kinds: tuple[str, ...] = READABLE


@dataclass(frozen=True)
class Fetched:
    """What came; `is_whole` is false when it was longer than the limit, and the rest was left."""

    address: str
    media_type: str
    charset: str
    data: bytes
    is_whole: bool


def fetch(address: str, rules: FetchRules, stop: CancellationToken) -> Fetched:
    """Fetch what the rules allow; `stop` cuts the connection. The look-up of a name can't be cut, so run it apart.

    Raises: ValueError for what is no address or of another kind, PermissionError for what may not be opened,
    TimeoutError, InterruptedError at the stop, any other OSError when it did not come. Each says in one sentence what
    happened.
    """
    url = parse_address(address, rules.allowed)
    with _limited_line(rules, stop) as line, _translated(url, line, stop):
        for _ in range(MAX_REDIRECTS + 1):
            answer = _hop(line, url, rules)
            if isinstance(answer, Fetched):
                return answer
            url = answer
    raise ConnectionError(f"{url.host} leads from one address to the next without end.")


@contextmanager
def _limited_line(rules: FetchRules, stop: CancellationToken) -> Iterator[CancellableClient]:
    """Lend a line that the stop and the time limit cut."""
    line = CancellableClient(rules.timeout_s, keep_alive=False)
    stop.when_set(line.cut)
    timer = Timer(rules.timeout_s, line.cut)
    timer.daemon = True
    timer.start()
    try:
        yield line
    finally:
        timer.cancel()
        line.client.close()


@contextmanager
def _translated(url: httpx.URL, line: CancellableClient, stop: CancellationToken) -> Iterator[None]:
    """Turn what httpx raises into standard errors, each with one sentence."""
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _told(error, url.host, line, stop) from error
    if line.is_cut:  # which a server that names no length makes look like a proper end
        raise _told(None, url.host, line, stop)


def _told(error: Exception | None, host: str, line: CancellableClient, stop: CancellationToken) -> OSError:
    """Return the standard error that tells what went wrong."""
    if stop.is_set:
        return InterruptedError("Stopped.")
    if line.is_cut or isinstance(error, httpx.TimeoutException):
        return TimeoutError(f"{host} did not answer in time.")
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return ConnectionError(f"{host} could not prove who it is, so it was not read.")
    if isinstance(error, httpx.ConnectError):
        return ConnectionError(f"{host} can't be reached.")
    return ConnectionError(f"{host} broke off in the middle.")


def _hop(line: CancellableClient, url: httpx.URL, rules: FetchRules) -> Fetched | httpx.URL:
    """Return what an address holds, or the next one, where it leads on."""
    places = resolve(url, rules.allowed, rules.resolver)[:MAX_PLACES]
    response = _send(line, url, places, {"User-Agent": rules.user_agent})
    try:
        if response.has_redirect_location:
            return parse_address(str(url.join(response.headers["Location"])), rules.allowed)
        return _read(response, url, rules)
    finally:
        response.close()


def _send(line: CancellableClient, url: httpx.URL, places: Sequence[str], headers: dict[str, str]) -> httpx.Response:
    """Ask as if by name, and return the answer of the first place that can be reached.

    Source: https://www.python-httpx.org/advanced/extensions/, "sni_hostname".
    """
    headers = headers | {"Host": url.netloc.decode("ascii"), "Accept-Encoding": "gzip"}
    name = {"sni_hostname": url.raw_host.decode("ascii")}
    for place in places:
        request = line.client.build_request("GET", url.copy_with(host=place), headers=headers, extensions=name)
        try:
            return line.client.send(request, stream=True, follow_redirects=False)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            if place == places[-1] or line.is_cut:
                raise
    raise ConnectionError(f"{url.host} was not found.")


def _read(response: httpx.Response, url: httpx.URL, rules: FetchRules) -> Fetched:
    if response.is_error:
        status = f"{response.status_code} {response.reason_phrase}".strip()
        raise OSError(f"{url.host} answered with {status}.")
    media_type, charset = _kind_of(response, rules.kinds)
    limit_bytes = rules.size_limit_bytes
    data = _body_of(response, limit_bytes, is_text=media_type.startswith(READABLE))
    return Fetched(str(url), media_type, charset, data[:limit_bytes], len(data) <= limit_bytes)
