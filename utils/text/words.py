"""The words and sentences of a text in any script; words are folded: capitals, accents and strokes are one."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from unicodedata import normalize

from utils.text.characters import typed_letters

# Characters that no text should hold: their meaning is private to the program that writes them.
MARK_BEGIN, MARK_END = "\ue000", "\ue001"

# Thai, Lao, Burmese, Khmer, Chinese and Japanese put no spaces between words: each character counts as one.
_UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e59\u0e81-\u0edf\u1000-\u1049\u1050-\u109f\u1780-\u17d3\u17e0-\u17e9"
    "\u2e80-\u2fd5\u3005-\u3007\u3041-\u30fa\u30fc-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
# Emoji, one word each; what only shades one (skin, a joiner) is none.
_EMOJI = "\u231a\u231b\u23e9-\u23fa\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001f3fa\U0001f400-\U0001faff"
_ACCENTS = "\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u064b-\u065f"  # of Latin, Greek and Cyrillic, Hebrew, Arabic
_VOWEL_SIGNS = "\u0900-\u0963\u0966-\u0dff"  # in the scripts of India these are no letters to Python
_ACCENT = re.compile(f"[{_ACCENTS}]+")
_WORD = re.compile(rf"[{_UNSPACED}{_EMOJI}]|(?:[^\W_{_UNSPACED}]+|[{_ACCENTS}{_VOWEL_SIGNS}]+)+")

Word = tuple[str, int, int]  # folded, and where it stands in the text


def folded(text: str) -> str:
    """Return a text without capitals, accents and strokes."""
    if text.isascii():
        return text.lower()
    return normalize("NFKC", _ACCENT.sub("", normalize("NFKD", text)).casefold().translate(typed_letters()))


def words_of(text: str) -> list[str]:
    return _WORD.findall(folded(text))


def counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def size_text(size_bytes: float) -> str:
    """Return a size as people read it: 2.5 GB, 639 MB."""
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= 999_500_000 else f"{size_bytes / 1e6:,.0f} MB"


def is_beginning(word: str) -> bool:
    """Return whether a sought word also finds those that begin with it; with one letter nearly every text has one."""
    return len(word) > 1


def snippet(text: str, sought: Sequence[list[str]], length: int = 120) -> str:
    """Return the piece of a text around what is sought, each place of it between MARK_BEGIN and MARK_END.

    `sought` holds what was typed between spaces, at least something, each as its words. The piece begins near the first
    place where all of it stands in a row, else near the first place of any.
    """
    text = " ".join(text.replace(MARK_BEGIN, "").replace(MARK_END, "").split())
    words = [(folded(match[0]), *match.span()) for match in _WORD.finditer(text)]
    in_a_row = [word for typed in sought for word in typed]
    places = list(_places(words, [in_a_row])) or list(_places(words, sought))
    first = places[0][0] if places else 0
    near = first - length // 3
    begin = next((start for _, start, _ in words if start >= near), first) if near > 0 else 0
    piece, end = "", begin
    for start, stop in places:
        if end <= start and stop <= begin + length:
            piece += text[end:start] + MARK_BEGIN + text[start:stop] + MARK_END
            end = stop
    piece += text[end : max(end, begin + length)]
    return "…" * (begin > 0) + piece + "…" * (len(text) > max(end, begin + length))


def _places(words: Sequence[Word], sought: Sequence[list[str]]) -> Iterator[tuple[int, int]]:
    for index in range(len(words)):
        for row in sought:
            found = words[index : index + len(row)]
            if len(found) == len(row) and _is_row([word for word, _, _ in found], row):
                yield found[0][1], found[-1][2]


def _is_row(words: list[str], row: list[str]) -> bool:
    """Return whether words are a row that is sought; the last one may be longer than what was typed of it."""
    *_, last = row
    ends_alike = words[-1].startswith(last) if is_beginning(last) else words[-1] == last
    return ends_alike and words[:-1] == row[:-1]


_END = re.compile(r"(?:[.!?…]+[\"”’)\]*_]*\s+|[。！？]\s*|\n)(?=\S)")
_SHORTENED = frozenset(
    "dr mr mrs ms prof st vs etc e.g i.e cf no fig vol approx inc ltd jr sr jan feb mar apr aug sep sept oct nov dec"
    " z.b d.h u.a bzw ca nr".split()
)


def sentence_ends(text: str) -> list[int]:
    """Return where the sentences and lines end that are surely whole, whatever is still to come."""
    return [match.end() for match in _END.finditer(text) if _is_end(text, match)]


def sentences(text: str) -> list[str]:
    cuts = [0, *sentence_ends(text), len(text)]
    return [part for begin, end in pairwise(cuts) if (part := text[begin:end].strip())]


def _is_end(text: str, match: re.Match[str]) -> bool:
    """Return whether a mark ends a sentence."""
    if match[0][0] not in ".…":
        return True
    word = re.split(r"[\s(\"“]", text[max(0, match.start() - 20) : match.start()])[-1].lower()
    is_initial = len(word) == 1 and word.isalpha() and text[match.start() - 1].isupper() and word != "i"
    return not (word in _SHORTENED or is_initial or text[match.end()].islower())
