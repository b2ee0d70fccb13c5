"""Sentences: where one ends in prose that may still grow.

It knows no language but its marks: a full stop after an abbreviation, or before a small letter, ends nothing.
Used by: `utils/spoken.py`.
"""

import re

MOST_CHARACTERS = 200  # a voice begins a sentence only when it has all of it; some providers take no more
_END = re.compile(r"(?:[.!?…]+[\"”’)\]*_]*\s+|[。！？]\s*)(?=\S)")
_SHORTENED = frozenset(
    "dr mr mrs ms prof st vs etc e.g i.e cf no fig vol approx inc ltd jr sr jan feb mar apr aug sep sept oct nov dec"
    " z.b d.h u.a bzw ca nr".split()
)


def sentence_end(text: str) -> int:
    """Return where the last sentence ends that is surely whole, whatever is still to come; 0 where none is."""
    return max((match.end() for match in _END.finditer(text) if _is_end(text, match)), default=0)


def sentences(text: str) -> list[str]:
    """Cut prose into its sentences; one that is too long for one breath is cut where it hurts least."""
    cuts = [0, *(match.end() for match in _END.finditer(text) if _is_end(text, match)), len(text)]
    parts = [text[begin:end].strip() for begin, end in zip(cuts, cuts[1:], strict=False)]
    return [breath for part in parts if part for breath in _breaths(part)]


def _is_end(text: str, match: re.Match[str]) -> bool:
    """Tell whether a mark ends a sentence."""
    if match[0][0] not in ".…":
        return True
    word = re.split(r"[\s(\"“]", text[max(0, match.start() - 20) : match.start()])[-1].lower()
    is_initial = len(word) == 1 and word.isalpha() and text[match.start() - 1].isupper() and word != "i"
    return not (word in _SHORTENED or is_initial or text[match.end()].islower())


def _breaths(sentence: str) -> list[str]:
    """Cut a long sentence at a comma or a space."""
    parts = []
    while len(sentence) > MOST_CHARACTERS:
        head = sentence[:MOST_CHARACTERS]
        marks = [match.end() for match in re.finditer(r"[,;:–—]\s", head)]
        cut = max(marks, default=0) or head.rfind(" ") + 1 or MOST_CHARACTERS
        parts.append(sentence[:cut].strip())
        sentence = sentence[cut:].strip()
    return [*parts, sentence] if sentence else parts
