"""What a question asks of the documents: told by its words, so that it costs nothing."""

import re

from controller.chat.completion import complete_once
from controller.llm.providers import Providers
from controller.turn import Turn
from model.chat.events import Usage
from model.chat.message import Message
from model.chat.message_parts import Attachment
from model.errors import BnaError
from utils.text.questions import content_words
from utils.text.untrusted import harmless

_COUNTS = re.compile(
    r"\b(how (many|often)|number of|count)\b|\b(list|name|find|show|give|mention)\b.*\b(all|every|each)\b"
    r"|\b(every|all) (the )?\w+ (that|which|who|where|in which)\b",
    re.IGNORECASE,
)
_OVERVIEW = re.compile(
    r"\bsummar|\b(overview|tl;?dr|gist|look at)\b|\b(main|key) (points?|ideas?|messages?)\b"
    r"|\bwhat (is|are|does|do) (it|this|that|these|they|(the|this) (file|document|text|paper|report|book)s?)"
    r"( all)? (about|say|tell)\W*$",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(
    r"\b(it|its|they|them|their|this|these|those|he|him|his|she|her|same|former|latter)\b|\b(that|one|else|then)\W*$"
    r"|^\W*(and|but|or|also|what about|how about|why)\b",
    re.IGNORECASE,
)
LEAST_WORDS = 2  # that say what a question is about
TASK = (
    "Word the last question so that it can be understood alone: put names in place of words like “it” or “the second"
    " one”. Change nothing else, and don't answer it. Write the question only.\n\n{talk}\n\nLast question: {question}"
)
MOST_TOKENS = 120
TALK_MESSAGES, TALK_CHARACTERS = 4, 600


def documents_of(turn: Turn) -> list[Attachment]:
    """Return the documents of a turn in the order in which they came, each once; pictures are shown as they are."""
    return list({file.sha256: file for file in turn.attachments if not file.is_picture}.values())


def wants_all(question: str) -> bool:
    """Return whether a question is about all places where something stands: “how many”, “list all”."""
    return bool(_COUNTS.search(question))


def wants_overview(question: str) -> bool:
    """Return whether a question is about the documents as a whole: “summarise”, “what is this about”."""
    return bool(_OVERVIEW.search(question))


def alone(turn: Turn, providers: Providers) -> tuple[str, Usage | None]:
    """Return the question so that it can be searched for by itself, and what it took to word it so.

    Only one that says too little, or points back, is changed. A model that can call tools is strong enough to be asked
    for that; else the question before it goes in front.
    """
    question = turn.question.content
    before = [message for message in turn.history if message.role in ("user", "assistant") and message.content]
    last = next((message.content for message in reversed(before) if message.role == "user"), "")
    if not last or not (len(content_words(question).split()) < LEAST_WORDS or _POINTS_BACK.search(question)):
        return question, None
    if turn.endpoint.provider.has_tools:
        try:
            return _asked(turn, providers, before)
        except BnaError:
            pass
    return f"{_ending(last)} {question}", None


def _asked(turn: Turn, providers: Providers, before: list[Message]) -> tuple[str, Usage | None]:
    """Return the question as the model words it. Raises: BnaError."""
    talk = "\n".join(f"{message.role}: {harmless(_ending(message.content))}" for message in before[-TALK_MESSAGES:])
    prompt = Message("user", TASK.format(talk=talk, question=turn.question.content))
    aside = complete_once(providers, turn.endpoint, [prompt], MOST_TOKENS, turn.stop)
    lines = aside.text.strip().splitlines()
    usage = Usage(aside.prompt_token_count or 0, aside.completion_token_count or 0)
    return (lines[-1].strip(' "“”') if lines else turn.question.content), usage


def _ending(text: str) -> str:
    """Return the end of a text: a question stands behind the material that was looked up for it."""
    return text.rpartition("\n\n")[2][-TALK_CHARACTERS:]
