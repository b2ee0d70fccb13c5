"""Titles: what a conversation is called before anyone has named it.

At first these are the first words of its first question. `controller/side_requests/titles.py` asks a model for
better ones.
"""

import re

from model.chat.conversation import Conversation
from utils.text.characters import plain_text, without_code
from utils.text.words import sentences, words_of

LENGTH = 48  # characters; about what the sidebar shows
UNTITLED = "Conversation"
MOST_READ = 4_000  # characters of a question that are looked at
MOST_WORDS = 8  # of a title by a small model
_GREETING = re.compile(
    r"(?:(?:hi|hiya|hello|hey|hallo|hola|bonjour|salut|ciao|olá|greetings|good (?:morning|afternoon|evening|day)"
    r"|guten (?:morgen|tag|abend)|dear \w+)\b(?: there| all| everyone| \w*gpt)?[\s,.!:;–-]*)+",
    re.IGNORECASE,
)
_NICETY = re.compile(r"(?:i )?hope (?:that )?(?:you|this|all|everything)\b|how are you\b", re.IGNORECASE)


def title_of(conversation: Conversation) -> str:
    """Return the conversation's name, else its first words."""
    return conversation.name or first_words(conversation)


def first_words(conversation: Conversation) -> str:
    """Return the first words of the first question that say what it is about, as many as a title holds."""
    questions = (message.content for message in conversation.messages if message.role == "user")
    text = " ".join(plain_text(without_code(next(questions, "")[:MOST_READ])).split())
    return shortened(text if len(text) <= LENGTH else _to_the_point(text))


def _to_the_point(text: str) -> str:
    """Return a long text from behind its greeting on; its first sentence alone where that is short enough."""
    behind = text[match.end() :] if (match := _GREETING.match(text)) else text
    said = [sentence for sentence in sentences(behind) if not _NICETY.match(sentence)] or sentences(text)[:1]
    if len(said[0]) > LENGTH or len(said[0].split()) < 3:
        return _with_capital(" ".join(said))
    return _with_capital(said[0].rstrip(".:"))


def _with_capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def shortened(text: str) -> str:
    """Return the beginning of a text on one line, cut between words; never empty."""
    words = " ".join(text.encode("utf-8", "replace").decode()[: 4 * LENGTH].split())
    if len(words) <= LENGTH:
        return words or UNTITLED
    return (words[: LENGTH + 1].rpartition(" ")[0] or words[:LENGTH]) + "…"


def cleaned(answer: str) -> str:
    """Return the title in a model's answer; empty where there is none that could serve.

    Models put titles in quotes, after "Title:", in bold, or behind their reasoning.
    """
    text = re.sub(r"<think(ing)?>.*?(</think(ing)?>|$)", "", answer, flags=re.DOTALL)
    lines = [line.strip() for line in text.splitlines() if line.strip(" \t`")]
    title = re.sub(r"^[#\s]*(\*\*)?title:?(\*\*)?\s*", "", lines[0], flags=re.IGNORECASE) if lines else ""
    title = title.strip(" \t\"'“”„«»*_`#.:")
    return shortened(title) if title and len(title) <= 2 * LENGTH else ""


def invents_numbers(title: str, talk: str) -> bool:
    """Return whether a title holds a number that was never said: small models answer the question in its title."""
    return not set(re.findall(r"\d+", title)) <= set(re.findall(r"\d+", talk))


def is_sensible(title: str, talk: str) -> bool:
    """Whether a small model's title may serve: a few words, not cut, not an answer, and mostly of what was said."""
    if title.endswith("…") or len(title.split()) > MOST_WORDS or len(sentences(title)) > 1 or _GREETING.match(title):
        return False
    said = {word[:4] for word in words_of(talk)}
    telling = [word for word in words_of(title) if len(word) > 3]
    return 2 * sum(word[:4] in said for word in telling) >= len(telling)
