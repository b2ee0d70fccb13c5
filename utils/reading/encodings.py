"""The encoding of a text that does not say which it is in: UTF-8 and UTF-16 by their form, others by chardetng.

It knows what the web has. What DOS and the old Mac wrote is told by the letters: those of one language, and no signs
or capitals in the middle of words.
"""

import codecs
import re
import unicodedata
from collections import Counter

import regex  # the standard library's knows no categories

BAD = "\ufffd"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAID = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
_HEAD_BYTES = 4096
_MOST_ODD = 0.01  # the share of signs that no text has
# What the web calls an encoding is, in fact, the larger one that Windows has.
_LARGER = {
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "iso-8859-8-i": "iso8859-8",
    "windows-874": "cp874",
    "x-mac-cyrillic": "mac_cyrillic",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
}


def decoded(data: bytes) -> str:
    """Return the text of a file; a byte that is none of its encoding stands as U+FFFD."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if encoding := wide_encoding(data[:_HEAD_BYTES]):
        return data.decode(encoding, "replace")
    if b"\x1b$" in data and (text := _if_whole(data, "iso2022_jp") or _if_whole(data, "iso2022_kr")):
        return text
    text = data.decode("utf-8", "replace")
    if BAD not in text or _is_nearly_utf8(data, text):
        return text
    said = _SAID.search(data[:_HEAD_BYTES]) if data.lstrip()[:1] == b"<" else None
    if said and (text := _if_whole(data, _known(said[1].decode("ascii", "replace")))):
        return text
    return data.decode(_guessed(data), "replace")


def wide_encoding(head: bytes) -> str:
    """Return which encoding of two or four bytes a sign a text is in, told by its empty bytes; "" for none."""
    if b"\0" not in head:
        return ""
    for encoding, width in (("utf-32-le", 4), ("utf-32-be", 4), ("utf-16-le", 2), ("utf-16-be", 2)):
        whole = head[: len(head) // width * width]
        if whole and _is_text(whole[:-width] if len(head) == _HEAD_BYTES else whole, encoding):
            return encoding
    return ""


def _is_text(data: bytes, encoding: str) -> bool:
    """Return whether bytes are a text in an encoding: signs that are assigned, and one of ASCII among them."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return False
    odd = sum(unicodedata.category(sign) in ("Cc", "Cn", "Co") and sign not in "\t\r\n\f" for sign in text)
    return odd <= _MOST_ODD * len(text) and any(sign < "\x7f" for sign in text)


def _is_nearly_utf8(data: bytes, text: str) -> bool:
    """Return whether a text is UTF-8 with some bad bytes, or cut off in its last sign: by chance few bytes look so."""
    bad = text.count(BAD) - data.count(BAD.encode())
    good = sum(map(text.count, {sign for sign in set(text) if sign > "\x7f" and sign != BAD}))
    return good > bad or (good > 0 and bad == 1 and text.endswith(BAD))


def _if_whole(data: bytes, encoding: str) -> str:
    """Return a text where all of it is in an encoding; else ""."""
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return ""


def _known(name: str) -> str:
    return _LARGER.get(name.lower(), name)


def _guessed(data: bytes) -> str:
    """Return which old encoding a text looks like."""
    from chardetng_py import EncodingDetector

    detector = EncodingDetector()
    detector.feed(data, last=True)
    guess = _known(detector.guess(tld=None, allow_utf8=False))
    if guess == "windows-1250":  # a sign for money or a quote is no letter: the more usual one has it, too
        usual = {sign for sign in data.decode("cp1252", "replace") if sign > "\x7f"}
        guess = guess if any(map(str.isalpha, usual)) else "cp1252"
    try:
        return _better(data, codecs.lookup(guess).name)
    except LookupError:
        return "cp1252"


# Of these the first that fits is taken, where a guess does not.
_OTHERS = (
    "cp1252", "mac_roman", "cp858", "cp437", "cp1250", "cp852", "mac_latin2", "cp857", "mac_turkish", "mac_iceland",
    "cp775", "mac_cyrillic", "cp866", "cp855", "cp737", "cp869", "mac_greek",
)  # fmt: skip
_ALPHABETS = (
    "äöüß åäöéü æøåéèêóòô áæðéíóöþúý àâæçéèêëîïôœùûüÿ áéíñóúüïç ãõáâàçéêíóôúü àèéìíîòóùú àçèéíïòóúü áéëïóöüèàê"
    " ąćęłńóśźż áäčďéěíĺľňóôŕřšťúůýž áéíóöőúüű čćđšž ăâîșțşţ çğıöşüâîûi̇ äõöüšž ąčęėįšųūž āčēģīķļņšūž áéíóúŵŷâêôû çë"
    " абвгдежзийклмнопрстуфхцчшщъыьэюяё абвгдежзийклмнопрстуфхцчшщьюяіїєґў абвгдежзиклмнопрстуфхцчшђјљњћџѓќѕ"
    " αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ"
).split()
_LETTER = r"[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u052f]"
_NO_LETTERS = r"[\u00a1-\u00bf\u00d7\u00f7\u02c6-\u02dd\u2010-\u2bff]--[\p{N}\p{L}]"
_ODD = regex.compile(
    r"(?V1)[\x80-\x9f\ufffd\ue000-\uf8ff]|(?<=\p{Ll})(?![A-Z])\p{Lu}"
    rf"|[{_NO_LETTERS}--[“‘’„‚«‹¿¡…–—‐·•§©€]](?={_LETTER})|(?<={_LETTER})[{_NO_LETTERS}--[”“’‘»›…–—‐·°®™©]]"
)
_WORD = re.compile(rb"\S*[\x80-\xff]\S*")
_MOST_BYTES = 40_000  # of words that tell
_CLEARLY = 3  # times fewer odd places


def _better(data: bytes, guess: str) -> str:
    """Return the guess, or an encoding in which the text has far fewer places that no language has."""
    words = b"\n".join(_WORD.findall(data[: 1 << 22]))[:_MOST_BYTES]
    odd = _odd_count(words, guess)
    if not odd:
        return guess
    best = min(_OTHERS, key=lambda encoding: _odd_count(words, encoding))
    return best if _odd_count(words, best) * _CLEARLY <= odd else guess


def _odd_count(words: bytes, encoding: str) -> int:
    """Return how many places of some words are no text: foreign letters, capitals and signs within words."""
    text = words.decode(encoding, "replace")
    letters = Counter(sign for sign in text.lower() if ("\xbf" < sign < "\u0530" and sign.isalpha()) or sign in "ﬁﬂ")
    known = max(sum(letters[sign] for sign in alphabet) for alphabet in _ALPHABETS)
    return letters.total() - known + sum(1 for _ in _ODD.finditer(text))
