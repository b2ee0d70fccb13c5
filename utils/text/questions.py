"""What a question asks, told by its words: it costs no request, and is right often enough to choose a way by."""

import re

from utils.text.words import words_of

_ASKS = re.compile(
    r"\?|^\W*(who|what|when|where|which|why|how|is|are|does|do|did|can|could|tell|find|list|name|explain|show|give)\b",
    re.IGNORECASE,
)
_FILE = r"(?:document|file|pdf|paper|report|spreadsheet|picture|image|photo|screenshot|chart|scan)s?"
_POINTS_AT_FILE = re.compile(
    rf"\b(?:this|these|(?:my|the) attached) {_FILE}\b"
    r"|\bwhat (?:does|do) (?:it|they) say\b|\bthat (?:is|are) mentioned\b"
    rf"|^\W*(?:who|what|where|when|which|summari[sz]e|describe|read)\b.*\bthe {_FILE}\b(?! of\b)",
    re.IGNORECASE,
)
# Words that say how to answer, not what about.
_NO_CONTENT = set(
    "a about all an and any are at be by can count do does document documents each every file files find for"
    " from give had has have how i in is it list many me mention mentioned mentions much my name number of often"
    " on or page pages passage passages place places please say says show tell that the their there these they"
    " this time times to was were what when where which who whole why will with you".split()
)


def asks(text: str) -> bool:
    """Return whether a text asks for something, and is not just a thanks."""
    return bool(_ASKS.search(text))


def points_at_file(text: str) -> bool:
    """Return whether a text speaks of a file as if it lay beside it."""
    return bool(_POINTS_AT_FILE.search(text))


def content_words(question: str) -> str:
    return " ".join(word for word in words_of(question) if word not in _NO_CONTENT)
