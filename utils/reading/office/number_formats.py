"""What a number format of Excel puts around a number: a percent sign, a currency, a unit, leading zeros.

All digits stay, also those that Excel rounds away, and no separator parts them, so that a number can be found.
Source: ECMA-376, part 1, chapter 18.8.31.
"""

import re
from contextlib import suppress
from functools import lru_cache
from itertools import dropwhile
from typing import NamedTuple

_SECTION = re.compile(r'((?:"[^"]*"|\\.|\[[^\]]*\]|[^;])*)(?:;|$)')
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|(?P<unseen>[_*].|\[[^\]]*\])'
    r"|(?P<digits>General|[0#?.,]+)|(?P<sign>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"\[([<>=]{1,2})(-?\d+(?:\.\d+)?)\]")
_OF_OTHERS = re.compile("[A-Za-z/]")  # in the formats of dates, powers and fractions
_LONGEST = 255  # characters, as Excel takes them
_SIGNS = str.maketrans("", "", "()-")  # how a format shows that a number is negative


class _Section(NamedTuple):
    """One section of a format: what stands before, between and after its digits."""

    before: str
    pattern: tuple[str, ...]  # digits and, in a telephone number, what stands between them
    after: str
    condition: str
    is_percent: bool = False

    @property
    def digits(self) -> str:
        return "".join(part for part in self.pattern if part[0] in "0#?.,")


def formatted(number: float, number_format: str) -> str:
    """Return a number as its format shows it; as it is where the format says nothing about what it means."""
    section = _chosen(_sections(number_format), number) if len(number_format) <= _LONGEST else None
    if section is None or not section.pattern:
        return plain_number(number)
    with suppress(OverflowError):  # of a number, or of the thousands that commas leave out, beyond what a float holds
        return _shown(number, section)
    return plain_number(number)


def _shown(number: float, section: _Section) -> str:
    """Return a number as a section shows it. Raises: OverflowError."""
    digits = section.digits
    if section.is_percent:
        number *= 100
    if thousands := len(digits) - len(digits.rstrip(",")):
        number /= 1000**thousands
    text = plain_number(abs(number))
    if len(section.pattern) > 1:
        text = _filled(section.pattern, text)
    else:
        text = _padded(text, digits, bool(section.before + section.after) and not section.is_percent)
    if number >= 0:
        return (section.before + text + section.after).strip()
    return "-" + (section.before.translate(_SIGNS) + text + section.after.translate(_SIGNS)).strip()


def plain_number(number: float) -> str:
    """Return a number without a decimal point where it is whole."""
    if isinstance(number, float) and not (number.is_integer() and abs(number) < 1e15):
        return f"{number:.15g}"
    return str(int(number))


def _padded(text: str, digits: str, has_decimals: bool) -> str:
    """Return digits with as many zeros as a format asks for; behind the point only where it tells a unit, too."""
    whole, _, decimals = text.partition(".")
    if "e" in text:
        return text
    least, _, rest = digits.rstrip(",").partition(".")
    decimals = decimals.ljust(rest.count("0"), "0") if has_decimals else decimals
    return whole.zfill(least.count("0")) + (f".{decimals}" if decimals else "")


def _filled(pattern: tuple[str, ...], text: str) -> str:
    """Return digits in the places of a pattern such as (000) 000-0000, from the right."""
    places = sum(len(part) for part in pattern if part[0] in "0#?")
    if not text.isdecimal() or len(text) > places:
        return text
    left = list(text)
    made: list[str] = []
    for part in reversed(pattern):
        for place in reversed(part) if part[0] in "0#?" else [part]:
            if place not in "0#?":
                made.append(place)
            elif left or place == "0":
                made.append(left.pop() if left else "0")
    return "".join(reversed(made))


def _chosen(sections: tuple[_Section, ...], number: float) -> _Section | None:
    if any(section.condition for section in sections):
        fitting = (one for one in sections if not one.condition or _holds(one.condition, number))
        return next(fitting, None)
    at = 1 if number < 0 and len(sections) > 1 else 0
    return sections[at] if sections else None


def _holds(condition: str, number: float) -> bool:
    sign, _, limit = condition.partition(" ")
    order = "<" if number < float(limit) else ">" if number > float(limit) else "="
    return order in sign and (sign != "<>" or order != "=")


@lru_cache(maxsize=500)
def _sections(number_format: str) -> tuple[_Section, ...]:
    return tuple(_section(found[1]) for found in _SECTION.finditer(number_format) if found[0])


def _section(text: str) -> _Section:
    """Return a section; one that tells a date, a fraction or a power has no digits, so the number stays as it is."""
    condition = " ".join(found.groups()) if (found := _CONDITION.search(text)) else ""
    parts: list[tuple[bool, str]] = []
    for token in _TOKEN.finditer(text):
        if token["sign"] and _OF_OTHERS.match(token["sign"]):
            return _Section("", (), "", condition)
        if not token["unseen"] and (said := token[token.lastgroup or 0]):  # quotation marks may hold nothing
            parts.append((bool(token["digits"]), said))
    before = list(dropwhile(lambda part: not part[0], parts))
    after = list(dropwhile(lambda part: not part[0], reversed(parts)))
    head = "".join(said for _, said in parts[: len(parts) - len(before)])
    tail = "".join(said for _, said in parts[len(after) :])
    middle = tuple(said for _, said in parts[len(parts) - len(before) : len(after)])
    return _Section(head, middle, tail, condition, is_percent="%" in re.sub(r'"[^"]*"|\\.', "", text))
