"""Markdown as a voice should read it, sentence by sentence, while it is still being written.

    spoken = SpokenText()
    for piece in stream:
        for sentence in spoken.feed(piece): ...
    for sentence in spoken.end(): ...

Code, tables and formulas are told of, once each. A full stop after an abbreviation, or before a small letter, ends
nothing.
"""

import html
import re
import unicodedata
from collections.abc import Iterator

from utils.text.words import sentence_ends, sentences

_CODE = re.compile(r"(`+)([^`\n]+)\1")
_IMAGE = re.compile(r"!\[([^\][\n]*)\]\([^()\n]*\)")
_LINK = re.compile(r"\[([^\][\n]*)\](?:\([^()\s]*(?:\s+\"[^\"\n]*\")?\)|\[[^\][\n]*\])")
_ADDRESS = re.compile(r"<?\b(?:https?://|www\.)([^\s/<>()\[\]]+)[^\s<>()\[\]]*?(?=[.,;:!?]*(?:[\s<>()\[\]]|$))>?")
_FORMULA = re.compile(r"\$\$[^$\n]+\$\$|\\\([^\n]+?\\\)|\\\[[^\n]+?\\\]|\$(?=[^$\n]*[\\^_=])[^$\s](?:[^$\n]*[^$\s])?\$")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]*>")
_NOTE = re.compile(r"\s?\[\^?\d{1,3}\]")
_MARKS = re.compile(r"\*+|~~|(?<![^\W_])_+|_+(?![^\W_])|\\(?=[!-/:-@\[-`{-~])")
# What the voice would spell, or take for the end of a sentence.
_IN_FULL = (
    (re.compile(r"\be\.\s?g\.,?", re.I), "for example"),
    (re.compile(r"\bi\.\s?e\.,?", re.I), "that is"),
    (re.compile(r"\bvs\.?(?=\s)", re.I), "versus"),
    (re.compile(r"\betc\.", re.I), "et cetera"),
    (re.compile(r"\bapprox\.", re.I), "approximately"),
    (re.compile(r"\s*(?:->|→|⇒|=>)\s*"), " to "),
    (re.compile(r"(?<=\d)\s?×\s?(?=\d)"), " times "),
    (re.compile(r"\s&\s"), " and "),
    (re.compile(r"\s\+\s"), " plus "),
    (re.compile(r"\s=\s"), " equals "),
    (re.compile(r"(?<=\w)/(?=\w)"), " or "),
)
_KEPT_SYMBOLS = frozenset("°©®™%")


def say(line: str) -> str:
    line = _IMAGE.sub(lambda match: f"picture: {match[1]}" if match[1] else "a picture", line)
    line = _FORMULA.sub("a formula", line)
    line = _LINK.sub(r"\1", line)
    line = _ADDRESS.sub(lambda match: f"a link to {match[1].removeprefix('www.').rstrip('.,;:!?')}", line)
    line = _MARKS.sub("", _NOTE.sub("", _TAG.sub("", _CODE.sub(r"\2", line))))
    line = html.unescape(line)
    for shortened, full in _IN_FULL:
        line = shortened.sub(full, line)
    return " ".join("".join(sign for sign in line if not _is_picture(sign)).split())


def _is_picture(sign: str) -> bool:
    """Return whether a sign is an emoji, or another that is seen and not said."""
    return unicodedata.category(sign) in ("So", "Sk", "Cf", "Cs", "Co", "Cn", "Cc") and not (
        sign in _KEPT_SYMBOLS or sign.isspace()
    )


MOST_CHARACTERS = 200  # a voice begins a sentence only when it has all of it; some providers take no more
CODE, TABLE, FORMULA = "The code is on the screen.", "The table is on the screen.", "The formula is on the screen."
MOST_LINE_CHARACTERS = 2000  # a line without an end is cut here, so that it costs no more than others

_FENCE = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])?[ \t]*(`{3,}|~{3,}|\$\$(?=\s*$)|\\\[(?=\s*$))")
_ROW = re.compile(r"[ \t>]*\|")
_RULER = re.compile(r"[ \t>]*\|?\s*:?-+:?\s*(?:\|\s*:?-*:?\s*)+$")
_BREAK = re.compile(r"[ \t>]*(?:(?:[-*_]\s*){3,}|=+\s*)?$")
_BEGIN = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?|#{1,6}[ \t]+)*")
# What may still become a fence, a row or a ruler.
_UNDECIDED = re.compile(r"[ \t>]*[`~|$\\\-*+=#\d.)]*\s*$|[ \t>]*(?:\||`{3}|~{3}|\$\$|\\\[)")


class SpokenText:
    """Turns Markdown that grows into sentences."""

    def __init__(self) -> None:
        self._line = ""  # as it was written, and not yet at its end
        self._is_within = False  # the beginning of this line has been said already
        self._words = ""  # to be said, and not yet at the end of a sentence
        self._closing = ""  # what ends the code or formula that is open
        self._is_table = False

    def feed(self, text: str) -> list[str]:
        """Take what was written next, and return the sentences that are whole by now."""
        *lines, self._line = (self._line + text).split("\n")
        ready = [sentence for line in lines for sentence in self._take(line)]
        return ready + self._take_early()

    def end(self) -> list[str]:
        line, self._line = self._line, ""
        return [*self._take(line), *self._flush()]

    def _take(self, line: str) -> list[str]:
        is_within, self._is_within = self._is_within, False
        if self._closing:
            self._closing = "" if line.strip(" \t>").startswith(self._closing) else self._closing
            return []
        if is_within:
            return self._add(line)
        if fence := _FENCE.match(line):
            return [*self._flush(), self._open(fence[1])]
        if _RULER.match(line) or _ROW.match(line) or (self._is_table and "|" in line):
            was_table, self._is_table = self._is_table, True
            return [*self._flush(), *([] if was_table else [TABLE])]
        return self._take_prose(line)

    def _take_prose(self, line: str) -> list[str]:
        """Take a line of text, a heading, an item, or one that parts them."""
        self._is_table = False
        if _BREAK.match(line):
            return self._flush()
        begin = _BEGIN.match(line)
        marks = begin[0].strip(" \t>") if begin else ""
        before = self._flush() if marks else []
        after = self._add(line[begin.end() if begin else 0 :])
        return [*before, *after, *(self._flush() if marks.endswith("#") else [])]

    def _open(self, mark: str) -> str:
        """Skip what follows up to its closing mark, and return how that is told."""
        self._closing = "\\]" if mark == "\\[" else mark
        return FORMULA if mark in ("$$", "\\[") else CODE

    def _take_early(self) -> list[str]:
        """Take the sentences that are whole in a line that is not."""
        is_short = len(self._line) <= MOST_LINE_CHARACTERS
        if self._closing or self._is_table or (not self._is_within and is_short and _UNDECIDED.match(self._line)):
            return []
        end = max(sentence_ends(self._line), default=0)
        if not is_short:
            end = MOST_LINE_CHARACTERS
        elif not end or not _is_even(self._line[:end]):
            return []
        head, rest = self._line[:end], self._line[end:]
        # Not taken as whole: its paragraph goes on.
        ready = self._add(head) if self._is_within else self._take_prose(head)
        self._line, self._is_within = rest, True
        return ready + self._flush()

    def _add(self, line: str) -> list[str]:
        """Add words to the paragraph, and return the sentences that are whole by that."""
        self._words = f"{self._words} {say(line)}".strip()
        end = max(sentence_ends(self._words), default=0)
        ready, self._words = self._words[:end], self._words[end:]
        return list(_spoken_parts(ready))

    def _flush(self) -> list[str]:
        words, self._words = self._words, ""
        return [_ended(part) for part in _spoken_parts(words)]


def _is_even(text: str) -> bool:
    """Return whether no code, link or formula is open at the end of a text."""
    is_open = text.count("`") % 2 or text.count("[") > text.count("]") or text.count("(") > text.count(")")
    return not is_open and text.count("$$") % 2 == 0


def _spoken_parts(text: str) -> Iterator[str]:
    """Yield the sentences of a text that have words; one that is too long for one breath at its commas or spaces."""
    for part in sentences(text):
        while len(part) > MOST_CHARACTERS:
            head = part[:MOST_CHARACTERS]
            marks = [match.end() for match in re.finditer(r"[,;:–—]\s", head)]
            cut = max(marks, default=0) or head.rfind(" ") + 1 or MOST_CHARACTERS
            yield part[:cut].strip()
            part = part[cut:].strip()
        if any(sign.isalnum() for sign in part):
            yield part


def _ended(sentence: str) -> str:
    """Return a sentence with a mark at its end, so that the voice drops there."""
    return sentence if sentence[-1] in '.!?…:;。！？"”’)' else f"{sentence}."
