"""Loops: where a text begins to repeat itself, to the letter or with a few words varied, as small models do."""

import re
from collections import Counter

from utils.text.words import sentence_ends

LOOK_BACK_CHARS = 800  # a loop whose one round is longer than a quarter of this is not found
LEAST_CHARS = 60  # what is repeated and shorter than this may be meant
LEAST_ROUNDS = 4
LOOK_BACK_WORDS = 90
LEAST_NEW = 0.38  # of three words in a row, how many have to be new; ordinary prose has more than 0.9
_WORD = re.compile(r"[^\W\d_]+")
_FENCE = re.compile(r"^(`{3,}|~{3,})", re.MULTILINE)


def loop_begins(text: str) -> int | None:
    """Return where a text's loop begins, behind its first round; None where it has none at its end."""
    period = _period(text[-LOOK_BACK_CHARS:])
    if period:
        begin = len(text)
        while begin > period and text[begin - 1] == text[begin - 1 - period]:
            begin -= 1
        # It stands about where the first round ends: two sentences that begin, or end, in the same way share letters.
        return next((end for end in sentence_ends(text) if begin <= end < begin + period), begin)
    return _varied(text)


def _period(tail: str) -> int | None:
    """Return how long the piece is that a text ends with several times; None where it does not."""
    for period in range(1, len(tail) // LEAST_ROUNDS + 1):
        length = max(LEAST_ROUNDS * period, LEAST_CHARS)
        if length > len(tail):
            return None
        if tail[-length:-period] == tail[-length + period :] and _WORD.search(tail[-period:]):
            return period
    return None


def _varied(text: str) -> int | None:
    """Return where a text begins to vary what it has said; code is allowed to, for it often has to."""
    fences = [found.end() for found in _FENCE.finditer(text)]
    if len(fences) % 2:
        return None
    words = [(found[0].lower(), found.start()) for found in _WORD.finditer(text, fences[-1] if fences else 0)]
    if len(words) < LOOK_BACK_WORDS:
        return None
    threes = [(words[at][0], words[at + 1][0], words[at + 2][0]) for at in range(len(words) - 2)]
    newest = Counter(threes[-LOOK_BACK_WORDS:])
    if len(newest) / newest.total() >= LEAST_NEW:
        return None
    most, _ = newest.most_common(1)[0]
    second = [at for at, three in enumerate(threes) if three == most][1]
    return _whole(text, words[second][1])


def _whole(text: str, end: int) -> int:
    """Return where the last whole sentence or line before a place ends; the place itself where there is none."""
    return max((found for found in sentence_ends(text) if found <= end), default=end)
