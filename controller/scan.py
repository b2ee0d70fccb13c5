"""Looking at every passage, for “how many” and “list all”: no best six would do there.

What is counted are the passages in which words stand, and that is said; things are not counted.
Read next: `model/passage_search.py`.
"""

from collections.abc import Sequence
from itertools import groupby

from model.passage_search import Found, Shelf

MOST_PLACES = 8


def scan_text(shelf: Shelf, words: str, names: Sequence[str]) -> tuple[str, list[Found]]:
    """Return what was counted, in words, and the passages in which all of the words stand; else one of them."""
    total = f"All {len(shelf):,} passages were looked at."
    counted = shelf.with_words(words)
    what = f"“{words}”"
    if not counted and len(words.split()) > 1:
        best = max(words.split(), key=lambda word: (len(shelf.with_words(word)) > 0, len(word)))
        counted, what = shelf.with_words(best), f"“{best}” (the words “{words}” never stand together)"
    if not counted:
        return f"{total} {what} stands in none of them.", []
    times = sum(count for _, count in counted)
    passages = "1 passage" if len(counted) == 1 else f"{len(counted):,} passages"
    head = f"{total} {what} stands in {passages}, {times:,} times: {_by_document(counted, names)}."
    return f"{head} This counts words, not things: one thing may be named in several passages.", [f for f, _ in counted]


def _by_document(counted: Sequence[tuple[Found, int]], names: Sequence[str]) -> str:
    """Return how often in which document, with the first places."""
    parts = []
    for document, group in groupby(counted, key=lambda pair: pair[0].document):
        some = list(group)
        places = list(dict.fromkeys(found.passage.place for found, _ in some if found.passage.place))
        more = "…" if len(places) > MOST_PLACES else ""
        where = f" ({'; '.join(places[:MOST_PLACES])}{more})" if places else ""
        parts.append(f"{names[document]} {sum(count for _, count in some):,}{where}")
    return "; ".join(parts)
