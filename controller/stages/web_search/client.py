"""The web as tools see it: search it, and read pages side by side; what the utilities raise becomes a ToolFailed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from controller.resources import Resources, built_per_person
from controller.tools.tool import as_tool_failures
from settings import Settings
from utils.net.page_text import page_text
from utils.net.safe_fetch import FetchRules, fetch
from utils.net.search_engines import Engine, WebHit, ddgs_engine, searxng_engine, wikipedia_engine
from utils.net.typed_address import is_web_address
from utils.text.untrusted import harmless
from utils.threads.jobs import run_with_timeout, side_by_side
from utils.threads.stop import CancellationToken

SEARCH_TIMEOUT_S = 12.0
PAGE_TIMEOUT_S = 8.0
MOST_HITS = 5
ENOUGH_PAGES, GRACE_S = 3, 0.7  # with so many read, the slow ones have so long to come
TEXT_LIMIT_CHARS = 200_000  # of one page: to weigh more of its passages takes longer than they are worth
USER_AGENT = "Mozilla/5.0 (compatible; bnaGPT; reads pages when a person asks)"


@dataclass(frozen=True)
class WebPage:
    """A page as it was read: its last address, its title and its text, made harmless; `is_whole` unless it was cut."""

    address: str
    title: str
    text: str
    is_whole: bool
    place: str = ""


class Web:
    """Searches and reads the web, as the settings want it; one for the whole process."""

    def __init__(self, settings: Settings) -> None:
        allowed = settings.web_values.get("WEB_ALLOWED_HOSTS", "").lower().replace(",", " ").split()
        self._rules = FetchRules(frozenset(allowed), PAGE_TIMEOUT_S, user_agent=USER_AGENT)
        self.engine = _engine(settings, self._rules)

    def search(self, words: str, stop: CancellationToken) -> list[WebHit]:
        """Return the pages that an engine finds. Raises: ToolFailed."""
        with as_tool_failures():
            return run_with_timeout(lambda inner: self.engine.search(words, MOST_HITS, inner), stop, SEARCH_TIMEOUT_S)

    def read(self, address: str, stop: CancellationToken) -> WebPage:
        """Return one page. Raises: ToolFailed."""
        with as_tool_failures():
            return run_with_timeout(lambda inner: self._page(address, inner), stop, PAGE_TIMEOUT_S + 2)

    def read_all(self, addresses: Sequence[str], stop: CancellationToken) -> Iterator[tuple[int, WebPage | str]]:
        """Yield the place of each address with its page, or with a sentence on why there is none, as they come."""
        calls = [partial(self._page, address) for address in addresses]
        missing = set(range(len(addresses)))
        for place, page in side_by_side(calls, stop, PAGE_TIMEOUT_S, ENOUGH_PAGES, GRACE_S):
            missing.discard(place)
            yield place, str(page) if isinstance(page, Exception) else page
        for place in sorted(missing):
            yield place, "It did not answer in time."

    def _page(self, address: str, stop: CancellationToken) -> WebPage:
        fetched = fetch(address, self._rules, stop)
        page = page_text(fetched)
        text = harmless(page.text)
        title = " ".join(harmless(page.title).split())[:200] or fetched.address
        is_whole = fetched.is_whole and len(text) <= TEXT_LIMIT_CHARS
        return WebPage(fetched.address, title, text[:TEXT_LIMIT_CHARS], is_whole)


def _engine(settings: Settings, rules: FetchRules) -> Engine:
    values = settings.web_values
    if settings.web_search == "searxng":
        return searxng_engine(values.get("SEARXNG_URL", ""), rules)
    if settings.web_search == "wikipedia":
        return wikipedia_engine(values.get("WIKIPEDIA_URL", ""), rules)
    return ddgs_engine(rules)


def web_service(resources: Resources) -> str:
    """Return who searches the web, in a few words."""
    name = {"searxng": "SEARXNG_URL", "wikipedia": "WIKIPEDIA_URL"}.get(resources.settings.web_search, "")
    if not name:
        return "public engines (ddgs), without a key"
    address = resources.settings.web_values.get(name, "")
    # Only the host: a name and a password may stand before it.
    host = urlsplit(address).hostname if is_web_address(address) else "no address"
    return f"{resources.settings.web_search} at {host}"


@built_per_person
def web_of(resources: Resources) -> Web:
    return Web(resources.settings)
