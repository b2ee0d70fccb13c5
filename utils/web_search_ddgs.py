"""Search without a key: the package ddgs asks DuckDuckGo and other public engines.

It brings its own HTTP, which talks to these engines alone and can't be cut: whoever calls this runs it apart
(`utils/side_by_side.py`) and leaves it behind.
"""

import re

from utils.fetch import FetchRules
from utils.stop import Stop
from utils.web_search import Engine, Hit, hits_of

TIMEOUT_S = 5


def ddgs_engine(rules: FetchRules) -> Engine:
    """Return the engine that asks DuckDuckGo and others."""

    def search(words: str, limit: int, stop: Stop) -> list[Hit]:
        del stop
        rows = _asked(words, limit)
        return hits_of(((row.get("title"), row.get("href"), row.get("body")) for row in rows), limit, rules)

    return Engine("DuckDuckGo and others", search)


def _asked(words: str, limit: int) -> list[dict[str, str]]:
    """Return what the engines found.

    Raises: ConnectionError when none of them answered, TimeoutError when it took too long.
    """
    # Imported here: only those who search need it.
    from ddgs import DDGS
    from ddgs.exceptions import DDGSException, TimeoutException

    try:
        return DDGS(timeout=TIMEOUT_S).text(words, max_results=limit)
    except TimeoutException as error:
        raise TimeoutError("The search engines did not answer in time.") from error
    except DDGSException as error:
        if "No results" in str(error):
            return []
        raise ConnectionError(_why(str(error))) from error


def _why(error: str) -> str:
    if re.search(r"DNS|resolv|unreachable", error):
        return "The search engines can't be found: this machine seems to be offline."
    return "The search engines did not answer; they may have had too many questions from here."
