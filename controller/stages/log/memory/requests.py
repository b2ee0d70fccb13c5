"""What is asked of the memory in plain words: told by rule, for models that can't call a tool."""

import re
from typing import NamedTuple

from controller.small_models.rules import is_about_own_life
from utils.text.questions import asks

_POLITE = r"^\W*(?:(?:please|can you|could you|would you|ok|okay|hey|hi|and|also)\b[\s,]*)*"
_REMEMBER = re.compile(
    rf"{_POLITE}(?:remember|note|keep in mind|don'?t forget|do not forget)\b[\s,:]*(?:that\b|this:)[\s,:]*"
    r"(?P<fact>.+)$",
    re.I | re.S,
)
_FORGET = re.compile(
    rf"{_POLITE}(?:forget|stop remembering)\b[\s,:]*(?:that\b|about\b)[\s,:]*(?P<fact>.+)$", re.I | re.S
)
_LIST = re.compile(
    r"\bwhat (?:do|have) you (?:know|remember|remembered|noted|kept)\b(?: (?:about|of))? ?(?:me|my)?\W*$"
    r"|\bwhat(?:'s| is) remembered (?:about|of) me\b|\b(?:list|show)(?: me)? (?:all |the )?(?:facts|memories)\b",
    re.I,
)
_OWN = re.compile(
    r"\bdo you (?:still )?(?:remember|know)\b|\b(?:i|we) (?:told|said|mention(?:ed)?|talk(?:ed)?|discuss(?:ed)?|decid"
    r"(?:ed)?|agree[d]?)\b|\blast (?:time|week|month|year)\b"
    r"|\b(?:what|which|who|whose|whom|where|when|how (?:many|much|often|long|old))\b.*\b(?:my|our|mine|ours|i|we|me)\b",
    re.I | re.S,
)
_HOW_TO = re.compile(r"\b(?:how|what|where|when|which)\b.{0,20}\b(?:can|could|should|would|shall|do) (?:i|we)\b", re.I)


class Request(NamedTuple):
    """What is asked: to remember or forget a fact, or to tell all of them; "" for none of these."""

    kind: str = ""
    fact: str = ""


def request_in(question: str) -> Request:
    """Return what a question asks of the memory, where it says so plainly."""
    question = question.replace("’", "'")
    if found := _REMEMBER.search(question):
        return Request("remember", _tidy(found["fact"]))
    if found := _FORGET.search(question):
        return Request("forget", _tidy(found["fact"]))
    return Request("list") if _LIST.search(question) else Request()


def is_of_own_life(question: str) -> bool:
    """Return whether a question is about what the person has told, so that their own words answer it."""
    if is_about_own_life(question):
        return True
    return asks(question) and bool(_OWN.search(question)) and not _HOW_TO.search(question)


def _tidy(fact: str) -> str:
    """Return a fact as a sentence."""
    fact = " ".join(fact.split())
    fact = fact[:1].upper() + fact[1:]
    return fact if not fact or fact[-1] in ".!?…" else f"{fact}."
