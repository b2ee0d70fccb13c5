"""The policy for models too small to be trusted alone: some questions are answered by rule, and all text is guarded.

By rule: who it is, the date and time, a sum, and what nobody knows without the internet. A model of half a billion
parameters makes these up. Only plain questions are taken, and none where a person has given instructions.
The guard stops a model that repeats itself, and keeps one round; a tool call written as text is never an answer.
"""

import re
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime

import regex

from controller.chat.window import instructions_of
from controller.turn import Turn
from model.chat.events import AnswerReset, Event, FinishReason, TextDelta
from model.chat.message import LOOP, Message
from model.errors import ReplyInterrupted
from model.providers.embedded import EMBEDDED_MODELS
from model.providers.provider import Endpoint
from utils.model_output.arithmetic import sum_of
from utils.model_output.repetition import loop_begins

SUMS, WORLD = "sums", "world"  # kinds of rules that a stage may leave to its tools
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


def answered_by_rule(turn: Turn, left_out: Container[str] = ()) -> str:
    """Return an answer that needs no model; empty where the model is small but has to be asked, or is not small."""
    if not turn.endpoint.provider.is_small or turn.is_going_on or turn.attachments:
        return ""
    question = re.sub(r"\A\[[^\]\n]+\] ", "", turn.question.content)  # the time that it was sent may stand before it
    words = "" if SUMS in left_out else calculated(question)
    if not words and not instructions_of(turn.history):
        words = about_itself(question, turn.endpoint) or by_the_clock(question, datetime.now())
        words = words or ("" if WORLD in left_out else beyond_reach(question, turn.history))
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
    return f"It is {now:%H:%M} on {now:%A}, {now.day} {now:%B %Y}, by the clock of this computer."


def beyond_reach(question: str, history: Sequence[Message]) -> str:
    """Return why something can't be known here: what happens in the world now, or what nobody has told yet."""
    asked = _plain(question)
    if _LIVE.search(asked):
        return (
            "I can't know that: I have no internet here, and know nothing of what happens now. The stage Web Search"
            " looks it up."
        )
    if _MY_LIFE.search(asked) and not any(message.role == "user" for message in history):
        return "I can't know that, since you haven't told me. Tell me, and I'll remember it in this conversation."
    return ""


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


LOOK_EVERY_CHARS = 40
# How small models write calls: bare JSON, in a block of code, or between the marks that they were trained with.
_CALL = regex.compile(
    r"\s*(?:```(?:json|xml)?\s*)?(?:<tool_call>|\{\s*\"(?:name|function|tool)\"\s*:\s*\"[\w.-]{1,64}\"\s*,\s*"
    r"\"(?:arguments|parameters|args)\"\s*:)"
)


@contextmanager
def guarded(turn: Turn, is_small: bool) -> Iterator[Callable[[Event], None]]:
    """Lend what takes the events of an answer, for a turn whose model is small or not.

    Where the answer ends early the block is left, and so is the line to the provider that it holds.
    """
    if not is_small:
        yield turn.emit
        return
    guard = SmallModelGuard(turn)
    with suppress(AnswerEnded):
        yield guard.emit
        guard.end()


class AnswerEnded(Exception):
    """The answer ends here, although the model goes on writing."""


class SmallModelGuard:
    """Looks at the events of one answer on their way to its turn."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._begun_length = len(turn.answer.content)
        self._held, self._is_known = "", False  # text that may become a call of a tool, until that is known
        self._looked_at = 0

    def emit(self, event: Event) -> None:
        """Pass an event on, or hold it back.

        Raises: ReplyInterrupted when the answer is the call of a tool; AnswerEnded when it goes in circles.
        """
        if isinstance(event, TextDelta):
            self._take_text(event)
        else:
            self._turn.emit(event)

    def end(self) -> None:
        """Pass on what was held: it never became a call."""
        if self._held and not self._is_known:
            self._turn.emit(TextDelta(self._held))

    def _take_text(self, event: TextDelta) -> None:
        if not self._is_known:
            self._held += event.text
            if _CALL.match(self._held):
                raise ReplyInterrupted("The model wrote a tool call instead of an answer.", "Ask in other words.")
            if _CALL.fullmatch(self._held, partial=True):
                return
            self._is_known, event = True, TextDelta(self._held)
        self._turn.emit(event)
        if len(self._turn.answer.content) - self._looked_at >= LOOK_EVERY_CHARS:
            self._look_for_loop(self._turn.answer.content)

    def _look_for_loop(self, text: str) -> None:
        self._looked_at = len(text)
        if (end := loop_begins(text)) is not None:
            self._turn.emit(AnswerReset(""))
            self._turn.emit(TextDelta(text[: max(end, self._begun_length)].rstrip()))
            self._turn.emit(FinishReason(LOOP))
            raise AnswerEnded
