"""The one way in which this program opens an address that a person, a model or a page has named.

Every name is looked up once, all that it leads to is checked (`utils/web_address.py`), and the connection goes to one
of those very numbers, so an answer that changes between check and connection changes nothing. Redirects go through the
same gate. Size, time and kind are limited, and no proxy of the system's settings is asked. It leaves out what the
bytes mean: `utils/page_text.py`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Timer

import httpx

from utils.http_body import READABLE, body_of, kind_of
from utils.http_line import Line
from utils.stop import Stop
from utils.web_address import Resolver, parse_address, resolve, system_resolver

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


def fetch(address: str, rules: FetchRules, stop: Stop) -> Fetched:
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
def _limited_line(rules: FetchRules, stop: Stop) -> Iterator[Line]:
    """Lend a line that the stop and the time limit cut."""
    line = Line(rules.timeout_s, keep_alive=False)
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
def _translated(url: httpx.URL, line: Line, stop: Stop) -> Iterator[None]:
    """Turn what httpx raises into standard errors, each with one sentence."""
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _told(error, url.host, line, stop) from error
    if line.is_cut:  # which a server that names no length makes look like a proper end
        raise _told(None, url.host, line, stop)


def _told(error: Exception | None, host: str, line: Line, stop: Stop) -> OSError:
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


def _hop(line: Line, url: httpx.URL, rules: FetchRules) -> Fetched | httpx.URL:
    """Return what an address holds, or the next one, where it leads on."""
    places = resolve(url, rules.allowed, rules.resolver)[:MAX_PLACES]
    response = _send(line, url, places, {"User-Agent": rules.user_agent})
    try:
        if response.has_redirect_location:
            return parse_address(str(url.join(response.headers["Location"])), rules.allowed)
        return _read(response, url, rules)
    finally:
        response.close()


def _send(line: Line, url: httpx.URL, places: Sequence[str], headers: dict[str, str]) -> httpx.Response:
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
    """Read an answer up to the limit."""
    if response.is_error:
        status = f"{response.status_code} {response.reason_phrase}".strip()
        raise OSError(f"{url.host} answered with {status}.")
    media_type, charset = kind_of(response, rules.kinds)
    limit_bytes = rules.size_limit_bytes
    data = body_of(response, limit_bytes, is_text=media_type.startswith(READABLE))
    return Fetched(str(url), media_type, charset, data[:limit_bytes], len(data) <= limit_bytes)
