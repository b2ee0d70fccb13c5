"""What a person has told about themselves, found again in their own words.

“My dog is called Rex.”, and later “What is my dog called?”: small models mix such things up, and a program need not.
Only a short question about the person is answered, and only from a sentence that holds every word that says what the
question is about; all else is left to the model.
"""

import re
from collections.abc import Sequence

from utils.words import words_of

_ABOUT_ME = re.compile(
    r"^(?:(?:and|so|ok|okay|now|then|please|hey|hi|hello|do you (?:still )?(?:know|remember)"
    r"|can you (?:tell me|remember)|tell me|remind me)\b[\s,:?]*)*"
    r"(?:(?:what|who|which|where|when)(?:'s| is| are| was| were) (?:the name of )?my\b"
    r"|(?:what|who|which|where|when|how often) (?:does|do|did|is|was|has) (?:my\b|i\b(?! (?:do|need|have to)\b))"
    r"|(?:what|which) [\w ]{2,30} (?:did|do|have|am|was) i\b|(?:where|who|how old) (?:am|was) i\b"
    r"|what (?:should|shall|do|will|can) you call me\b|what my [\w ]{2,30} is\b|my (?:name|age|job)\W*$)",
)
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_TELLS = re.compile(r"\b(?:i|i'm|i've|my|me|mine|remember)\b", re.IGNORECASE)
_GREETING = re.compile(
    r"^\s*(?:(?:hi|hello|hey|good (?:morning|evening|afternoon)|well|and|so|by the way)\b[\s,!.]*)+", re.I
)
_NAMED_BY_I_AM = re.compile(r"\b(?:I'm|I am|i'm|i am|[Tt]his is) [A-Z][\w'-]+\b")
# Words that say how to answer, not what about.
_NO_CONTENT = set(
    "s m ve a again am an and are ask can did do does had has have hello hey hi i is it know me my now of old ok please"
    " remember remind said say should so still tell the then to told was were what when where which who will with you"
    " your how often call called name named be in on for that this".split()
)
_NAME = re.compile(r"\b(?:my name|who am i|call me)\b(?! of)")
_SECOND = {
    "i am": "you are", "i'm": "you're", "i was": "you were", "i've": "you've", "i'd": "you'd", "i'll": "you'll",
    "i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself", "am": "are",
}  # fmt: skip
LONGEST = 14  # words of such a question


def recalled(question: str, told: Sequence[str]) -> str:
    """Return what a person told that answers their question about themselves; empty where nothing does."""
    asked = " ".join(question.lower().replace("’", "'").split())
    if len(asked.split()) > LONGEST or not _ABOUT_ME.search(asked):
        return ""
    sentences = [part.strip() for text in told for part in _SENTENCE.findall(text) if _is_told(part)]
    found = [sentence for sentence in sentences if _answers(sentence, asked)]
    return _to_you(found[-1]) if found else ""


def _is_told(sentence: str) -> bool:
    """Whether a sentence tells something about the person, and asks nothing."""
    return bool(_TELLS.search(sentence)) and not sentence.rstrip().endswith("?")


def _answers(sentence: str, asked: str) -> bool:
    """Whether a sentence holds all that a question is about."""
    if _NAME.search(asked) and not re.search(r"my name for|name of", asked):
        return bool(re.search(r"\b(?:my name(?: is|'s)|call me|i(?:'m| am) called)\b", sentence, re.I)) or bool(
            _NAMED_BY_I_AM.search(sentence)
        )
    if re.search(r"\bhow old am i\b|\bmy age\b", asked):
        return bool(re.search(r"\bi(?:'m| am) \d+|\bmy age is\b|\bi was born\b", sentence, re.I))
    if re.search(r"\bmy (?:job|profession|occupation|work)\b", asked):
        return bool(
            re.search(r"\bi work\b|\bmy (?:job|profession|occupation) is\b|\bi(?:'m| am) an? \w", sentence, re.I)
        )
    wanted = {word for word in words_of(asked) if word not in _NO_CONTENT}
    if re.search(r"\b(?:called|name)\b", asked):
        is_named = re.search(r"\b(?:called|name|named)\b", sentence, re.I)
        return bool(wanted and is_named and wanted <= _stems(sentence))
    if re.search(r"\bdid i (?:ask|tell) you\b", asked):
        return bool(wanted and wanted <= _stems(sentence) and re.search(r"\bremember|keep in mind\b", sentence, re.I))
    return bool(wanted and {_stem(word) for word in wanted} <= _stems(sentence))


def _stems(text: str) -> set[str]:
    return {_stem(word) for word in words_of(text)} | set(words_of(text))


def _stem(word: str) -> str:
    """Return a word without the ending that a verb has in “she gets”."""
    return word.removesuffix("s") if len(word) > 3 else word


def _to_you(sentence: str) -> str:
    """Return a person's sentence as the other one says it; word for word where that is not plain."""
    bare = _GREETING.sub("", sentence).strip()
    bare = bare if bare.endswith((".", "!")) else f"{bare}."
    if not re.match(r"(?:i|my|i'm|i've)\b", bare.replace("’", "'"), re.IGNORECASE):
        return f"You told me: “{bare}”"
    pattern = rf"\b({'|'.join(sorted(_SECOND, key=len, reverse=True))})\b"
    turned = re.sub(pattern, lambda found: _SECOND[found[1].lower()], bare.replace("’", "'"), flags=re.IGNORECASE)
    return turned[0].upper() + turned[1:]
