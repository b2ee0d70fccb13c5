"""Sums in words: what a question asks to be calculated, as Python code and as its exact result.

Taken is only a question that is a sum and nothing else: “What is 17 times 23?”, “15% of 240”.
"""

import ast
import math
import operator
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

MOST_BITS = 20_000  # of a result: about 6,000 digits
LONGEST = 300  # characters of a question that may be a sum

Number = Fraction | float


@dataclass(frozen=True)
class Sum:
    """A sum: Python that prints its result, as people write it, and what comes out."""

    code: str
    written: str
    result: str


_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen twenty"
).split()
_TENS = dict(zip("thirty forty fifty sixty seventy eighty ninety hundred".split(), range(30, 101, 10), strict=True))
_VALUES = {word: number for number, word in enumerate(_WORDS)} | _TENS
_ASKS = re.compile(
    r"^(?:(?:please|hey|hi|hello|ok|okay|so|and|now|can|could|would|you|tell|give|me|us|calculate|compute|work out"
    r"|solve|evaluate|add up|find|what(?:'s| is| are| does| would)?|how much(?: is| are| does)?|i need"
    r"|the (?:result|value|answer) of|do you know|be)\b[\s,:]*)+",
)
_END = re.compile(r"(?:\s*(?:\?|=|\.|(?<=\D)!|please|equals?|equal to|make|makes|come to|as a number))+$")
_NO_SUM = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{3,}-\d{4,}|\d{1,2}/\d{1,2}/\d{2,4}|24/7")  # dates, telephone numbers
# In this order: longer words before those that stand in them.
_OPERATORS: tuple[tuple[str, str], ...] = (
    (r"(?:raised )?to the power of|raised to|\^|\bto the (?=\d+(?:th|st|nd|rd)?\b)", "**"),
    (r"(?<=\d)(?:st|nd|rd|th)\b(?: power)?", ""),
    (r"\bmultiplied by\b|\btimes\b|×|·|(?<=[\d)]) ?x ?(?=[\d(])", "*"),
    (r"\bdivided by\b|\bover\b|÷|(?<=\d) ?: ?(?=\d)", "/"),
    (r"\bplus\b", "+"),
    (r"\bminus\b|\bless\b|−|–", "-"),
    (r"\bsquared\b|²", "**2"),
    (r"\bcubed\b|³", "**3"),
    (r"\b(?:mod|modulo)\b", "%"),
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE = (
    rf"(?:\d{{4}}-\d{{1,2}}-\d{{1,2}}|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH},? \d{{4}}"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|\d{{1,2}}\.\d{{1,2}}\.\d{{4}}|today)"
)


def sum_of(question: str, today: date | None = None) -> Sum | None:
    """Return the sum that a question is; None where it is something else."""
    text = " ".join(question.lower().replace("’", "'").split())
    if len(text) > LONGEST:
        return None
    with suppress(ValueError, OverflowError):
        return _days(text, today or date.today()) or _arithmetic(text)
    return None


def pretty(number: str) -> str:
    """Return a number as people read it: groups of three, and no digits that only a computer's rounding makes."""
    if not re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", number):
        return number
    if re.fullmatch(r"-?\d+", number):
        return _grouped(number)
    value = f"{float(number):.12g}"
    return value if "e" in value else _grouped(value)


def _grouped(number: str) -> str:
    whole, dot, rest = number.partition(".")
    return re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", whole) + dot + rest


def _arithmetic(text: str) -> Sum | None:
    """Return the sum of a text whose words are all numbers and operators.

    Raises: ValueError where it can't be calculated.
    """
    asked = _END.sub("", _ASKS.sub("", text)).strip()
    expression = None if _NO_SUM.fullmatch(asked) else _in_python(asked)
    if expression is None or not re.search(
        r"\d.*(?:[-+*/%]|sqrt|cbrt|factorial).*\d|(?:sqrt|cbrt|factorial)\(\d", expression
    ):
        return None
    try:
        result = _shown(_value(ast.parse(expression, mode="eval").body))
    except SyntaxError:
        return None
    except ZeroDivisionError:
        result = "not defined, since nothing can be divided by 0"
    head = "import math\n\n" if "math." in expression else ""
    return Sum(f"{head}print({expression})", asked, result)


def _in_python(text: str) -> str | None:
    """Return a text as a Python expression; None where a word in it is none of ours."""
    text = re.sub(r"[€$£¥]|\b(?:euros?|dollars?|pounds?)\b", "", text)
    text = re.sub(rf"\b({'|'.join(_VALUES)})\b", lambda found: str(_VALUES[found[1]]), text)
    text = re.sub(r"\bthe\b(?= (?:sum|product|difference|average|mean|square|cube|factorial))", "", text)
    text = re.sub(_NUMBER, lambda found: found[0].replace(",", ""), text).strip()
    for pattern, make in _FORMS:
        text = re.sub(pattern, make, text)
    for pattern, sign in _OPERATORS:
        text = re.sub(pattern, f" {sign} " if sign else "", text)
    text = re.sub(r"(?<![\w.])0+(?=\d)", "", " ".join(text.split()))  # 007 is no Python
    bare = re.sub(r"math\.(?:sqrt|cbrt|factorial)", "", text)
    return text if re.fullmatch(r"[\d.\s()+\-*/%,]+", bare) and "," not in bare else None


def _joined(sign: str) -> Callable[[re.Match[str]], str]:
    """Return what puts an operator between the numbers of a list."""
    return lambda found: "(" + f" {sign} ".join(re.findall(_NUMBER, found[1])) + ")"


def _mean(found: re.Match[str]) -> str:
    numbers = re.findall(_NUMBER, found[1])
    return f"(({' + '.join(numbers)}) / {len(numbers)})"


_N = r"(\d+(?:\.\d+)?)"
_LIST = rf"((?:{_N}(?:,? and |, ?| ))+\d+(?:\.\d+)?)"
_FORMS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (rf"\bsum of (?:all )?(?:the )?(?:whole )?(?:numbers|integers) from {_N} (?:to|through) {_N}",
     lambda m: f"({m[1]} + {m[2]}) * ({m[2]} - {m[1]} + 1) // 2"),
    (rf"\bsum of {_LIST}", _joined("+")),
    (rf"\bproduct of {_LIST}", _joined("*")),
    (rf"\b(?:average|mean) of {_LIST}", _mean),
    (rf"\bdifference (?:between|of) {_N} and {_N}", r"(\1 - \2)"),
    (rf"(?:\ban? )?{_N} ?(?:%|percent|per cent) (?:tip |tax |interest )?(?:of|on) {_N}", r"(\1 * \2 / 100)"),
    (rf"{_N} ?(?:%|percent|per cent) off(?: of)? {_N}", r"(\2 * (100 - \1) / 100)"),
    (rf"{_N} (?:plus|\+) {_N} ?(?:%|percent|per cent)", r"(\1 * (100 + \2) / 100)"),
    (rf"{_N} (?:minus|-) {_N} ?(?:%|percent|per cent)", r"(\1 * (100 - \2) / 100)"),
    (rf"\bcube root of {_N}", r"math.cbrt(\1)"),
    (rf"\b(?:square root|root|sqrt)(?: of)? ?\(?{_N}\)?|√ ?{_N}",
     lambda m: f"math.sqrt({m[1] or m[2]})"),
    (rf"\bfactorial of {_N}|(?<![\d.]){_N} ?(?:!|factorial)", lambda m: f"math.factorial({m[1] or m[2]})"),
    (rf"\b(?:a )?half of {_N}", r"(\1 / 2)"),
    (rf"\b(?:a |1 )?third of {_N}", r"(\1 / 3)"),
    (rf"\b(?:a |1 )?quarter of {_N}", r"(\1 / 4)"),
    (rf"\b(?:double|twice) {_N}", r"(2 * \1)"),
    (rf"\badd {_N} (?:and|to) {_N}", r"(\1 + \2)"),
    (rf"\bsubtract {_N} from {_N}", r"(\2 - \1)"),
    (rf"\bmultiply {_N} (?:by|with|and) {_N}", r"(\1 * \2)"),
    (rf"\bdivide {_N} by {_N}", r"(\1 / \2)"),
    (rf"^{_N} and {_N}$", r"(\1 + \2)"),
)  # fmt: skip


def _value(node: ast.expr) -> Number:
    """Return what an expression gives, exactly where that can be.

    Raises: ValueError when that is too long or no number, ZeroDivisionError.
    """
    match node:
        case ast.Constant(value=int() | float()):
            return Fraction(str(node.value))
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign):
            return -_value(node.operand) if isinstance(sign, ast.USub) else _value(node.operand)
        case ast.BinOp(op=sign) if type(sign) in _CALCULATED:
            return _CALCULATED[type(sign)](_value(node.left), _value(node.right))
        case ast.Call(func=ast.Attribute(attr=name), args=[argument]):
            return _called(name, _value(argument))
    raise ValueError(ast.dump(node))


def _power(left: Number, right: Number) -> Number:
    """Return a power, unless its digits would fill a page."""
    if isinstance(left, Fraction) and isinstance(right, Fraction) and right.denominator == 1:
        bits = max(left.numerator.bit_length(), left.denominator.bit_length()) * abs(right.numerator)
        if bits > MOST_BITS:
            raise ValueError("too long")
        return Fraction(left**right.numerator)
    found: object = float(left) ** float(right)
    if not isinstance(found, float):
        raise ValueError("no real number")
    return found


_CALCULATED: dict[type[ast.operator], Callable[[Any, Any], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: lambda left, right: Fraction(left // right),
    ast.Mod: operator.mod,
    ast.Pow: _power,
}


def _called(name: str, value: Number) -> Number:
    whole = isinstance(value, Fraction) and value.denominator == 1 and value >= 0
    if name == "factorial":
        if not whole or value > 1_500:
            raise ValueError("no factorial")
        return Fraction(math.factorial(int(value)))
    if name == "sqrt" and whole and math.isqrt(int(value)) ** 2 == value:
        return Fraction(math.isqrt(int(value)))
    return math.sqrt(value) if name == "sqrt" else round(math.cbrt(value), 12)


def _shown(value: Number) -> str:
    """Return a result as people read it; one that goes on without end is rounded."""
    if isinstance(value, Fraction) and value.denominator == 1:
        return _grouped(str(value.numerator))
    return pretty(repr(float(value)))


def _days(text: str, today: date) -> Sum | None:
    """Return how many days lie between two dates, or which day of the week one is.

    Raises: ValueError for a date that is none.
    """
    span = re.search(
        rf"\bhow many days\b.*?\b(?:(?:between|from|since) (?P<a>{_DATE}) (?:and|to|until|till|through) (?P<b>{_DATE})"
        rf"|(?:until|till|to) (?P<until>{_DATE})|since (?P<since>{_DATE}))\W*$",
        text,
    )
    if span:
        first = span["a"] or span["since"] or "today"
        begin, end = _date(first, today), _date(span["b"] or span["until"] or "today", today)
        days = (end - begin).days
        code = f"from datetime import date\n\nprint(({_call(end)} - {_call(begin)}).days)"
        return Sum(code, f"days from {_long(begin)} to {_long(end)}", _grouped(str(days)))
    named = re.search(
        r"\bwhat (?:day|weekday)(?: of the week)?(?: is| was| will be| will| does)?(?: it)?(?: on)?"
        rf" (?P<day>{_DATE})\W*(?:be|fall on)?\W*$",
        text,
    )
    if named:
        day = _date(named["day"], today)
        return Sum(f'from datetime import date\n\nprint({_call(day)}.strftime("%A"))', _long(day), f"{day:%A}")
    return None


def _date(text: str, today: date) -> date:
    """Return a date that stands in a text. Raises: ValueError."""
    if text == "today":
        return today
    plain = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b| of\b|,", "", text)
    plain = re.sub(r"([a-z]{3})[a-z]*\.?", r"\1", plain)
    for form in ("%Y-%m-%d", "%d.%m.%Y", "%d %b %Y", "%b %d %Y"):
        with suppress(ValueError):
            return datetime.strptime(plain, form).date()
    raise ValueError(text)


def _call(day: date) -> str:
    return f"date({day.year}, {day.month}, {day.day})"


def _long(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
