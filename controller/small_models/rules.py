"""By rule: what a program knows better than a small model, so that no model is asked.

What it is, what the clock says, a sum, and what nobody can know without the internet. A model of half a billion
parameters makes all of these up. Only plain questions are taken, told by their words; where a person has given
instructions, as to an assistant with a name of its own, none is.
"""

import re
from collections.abc import Container, Sequence
from datetime import datetime, tzinfo

from controller.chat.window import instructions_of
from controller.turn import Turn
from model.chat.message import Message
from model.providers.embedded import EMBEDDED_MODELS
from model.providers.provider import Endpoint
from utils.model_output.arithmetic import sum_of
from utils.text.questions import points_at_file

SUMS, WORLD, LIFE = "sums", "world", "life"  # kinds of rules that a stage may leave to its tools
LONGEST = 16  # words of a question that is answered here
_MAKES = r"(?:made|makes|created|built|developed|trained|designed|invented|programmed|wrote|owns)"
_BEGINS = r"^(?:(?:hey|hi|hello|so|and|ok|but|please|tell me|can you tell me|do you know)\b[\s,!.:]*)*"
_ITSELF = re.compile(
    rf"{_BEGINS}(?:(?:who|what)(?: exactly| really)? are you(?: exactly| really| called)?\W*$"
    r"|what(?:'s| is) your name\b|who is this\W*$"
    rf"|(?:who|(?:which|what) (?:company|firm|team|people|lab)|whom)(?: has| have)? {_MAKES} you\b(?! an?\b)"
    rf"|(?:who|whom) were you {_MAKES} by|by whom were you {_MAKES}"
    r"|who(?:'s| is| was) your (?:maker|creator|developer|owner)"
    r"|(?:which|what)(?: kind of| ai| language)? (?:model|llm|ai)(?: are you| is this| do you use| am i talking to)"
    r"|(?:introduce|describe) yourself\W*$|about yourself\W*$|are you (?P<as>[\w .-]+?)\W*$)"
)
_A = r"^(?:really |just |only |actually )?(?:an? |the )?"
_PROGRAMS = re.compile(
    rf"{_A}(?:chat ?gpt|gpt[\w.-]*|openai(?:'s)?(?: model)?|claude|gemini|bard|siri|alexa|copilot|llama|mistral"
    r"|deepseek|grok|qwen|smollm2?)[\w .-]*$"
)
_PEOPLE = re.compile(rf"{_A}(?:real )?(?:human|person|real|alive|man|woman|human being|somebody)$")
_MACHINES = re.compile(
    rf"{_A}(?:ai|artificial intelligence|bot|robot|chatbot|machine|computer|program|language model)$"
)
_CLOCK = re.compile(
    rf"{_BEGINS}(?:what|which)(?:'s| is)? ?(?:the )?(?:current |exact )?(?:time|date|day|weekday|year|month)"
    r"(?: is it| is today| it is| today| now| right now|'s date| of the week| is this)*\W*$"
    r"|^what(?:'s| is) today(?:'s date)?\W*$"
)
_NOW = (
    r"(?:now|today|tonight|tomorrow|currently|yesterday|last night"
    r"|this (?:week|weekend|morning|evening|afternoon|month|year))"
)
_LIVE = re.compile(
    r"\b(?:what(?:'s| is| will)|how(?:'s| is| will)) the (?:current )?(?:weather|forecast|temperature outside)\b"
    rf"|\b(?:weather|forecast|temperature|rain|snow|sunny)\b.*\b{_NOW}\b|\bwill it (?:rain|snow)\b"
    r"|\b(?:latest|today's|current|breaking|recent) (?:news|headlines|scores?|results?|prices?|exchange rate)\b"
    rf"|\bin the news\b|\bnews\b.*\b{_NOW}\b"
    rf"|\b(?:who|which team|what team)\b.*\b(?:won|wins|lost|played|scored)\b.*\b{_NOW}\b"
    r"|\b(?:price|exchange rate) of\b.*\b(?:bitcoin|gold|oil|dollar|euro|shares?)\b|\b(?:share|stock|bitcoin) price\b"
)
_MY_LIFE = re.compile(
    r"^(?:what|where|when|who|how (?:many|much|often|long)|which [\w ]{2,20})(?: did i | have i | was i | had i )"
    r"|^(?:what|who|where|when)(?:'s| is| was) my (?!best|next|chance|opinion)[\w ]{2,24}\W*$"
    r"|^how old am i\W*$|^who am i\W*$"
)


def answered_by_rule(turn: Turn, left_out: Container[str] = (), zone: tzinfo | None = None) -> str:
    """Return an answer that needs no model; empty where the model is small but has to be asked, or is not small.

    The clock is that of a zone, else this computer's.
    """
    if not turn.endpoint.provider.is_small or turn.is_going_on or turn.attachments:
        return ""
    question = re.sub(r"\A\[[^\]\n]+\] ", "", turn.question.content)  # the time that it was sent may stand before it
    words = "" if SUMS in left_out else calculated(question)
    if not words and not instructions_of(turn.history):
        words = about_itself(question, turn.endpoint) or by_the_clock(question, datetime.now(zone))
        words = words or ("" if WORLD in left_out else beyond_reach(question, turn.history, left_out))
    return words


def about_itself(question: str, endpoint: Endpoint) -> str:
    """Return who answers, where that is asked."""
    asked = _plain(question)
    found = _ITSELF.search(asked)
    if not found:
        return ""
    kind = (found["as"] or "").strip()
    sentence = _myself(endpoint)
    if not kind:
        return sentence
    if _MACHINES.search(kind):
        return f"Yes. {sentence}"
    if _PEOPLE.search(kind) or _PROGRAMS.search(kind):
        is_it = kind.removeprefix("a ").removeprefix("the ").split("-")[0] in endpoint.model_name.lower()
        return f"{'In part' if is_it else 'No'}. {sentence}"
    return ""


def by_the_clock(question: str, now: datetime) -> str:
    """Return the time and the date, where one is asked for."""
    if not _CLOCK.search(_plain(question)):
        return ""
    whose = f"in {now.tzinfo}" if now.tzinfo else "by the clock of this computer"
    return f"It is {now:%H:%M} on {now:%A}, {now.day} {now:%B %Y}, {whose}."


def beyond_reach(question: str, history: Sequence[Message], left_out: Container[str] = ()) -> str:
    """Return why something can't be known here: what happens in the world now, or what nobody has told yet."""
    asked = _plain(question)
    if _LIVE.search(asked):
        return (
            "I can't know that: I have no internet here, and know nothing of what happens now. The stage Web Search"
            " looks it up."
        )
    is_first = not any(message.role == "user" for message in history)
    if is_first and LIFE not in left_out and is_about_own_life(question):
        return "I can't know that, since you haven't told me. Tell me, and I'll remember it in this conversation."
    return ""


def is_about_own_life(question: str) -> bool:
    """Return whether a question can be answered by nobody but who asks it, or has been told it."""
    return bool(_MY_LIFE.search(_plain(question)))


def calculated(question: str) -> str:
    """Return the result of a sum."""
    found = sum_of(question)
    return f"{found.written[:1].upper()}{found.written[1:]} = **{found.result}**" if found else ""


def _myself(endpoint: Endpoint) -> str:
    maker = next((f", by {row.maker}" for row in EMBEDDED_MODELS if row.title == endpoint.model_name), "")
    return (
        f"I'm bnaGPT, a chat app on this computer. My answers come from {endpoint.model_name}, a small open"
        f" model{maker}, which runs here too."
    )


def _plain(question: str) -> str:
    """Return a question in small letters; empty where it is too long to be one of these."""
    words = question.lower().replace("’", "'").split()
    return " ".join(words) if len(words) <= LONGEST else ""


def lacks_file(turn: Turn) -> bool:
    """Return whether a first question is about a file, and none is there: a small model would make one up."""
    is_first = not any(message.role == "user" for message in turn.history)
    is_small = turn.endpoint.provider.is_small and not turn.is_going_on
    return is_first and is_small and not turn.attachments and points_at_file(turn.question.content)
