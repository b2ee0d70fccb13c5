"""Titles: what a conversation is called before anyone has named it.

At first these are the first words of its first question. `controller/chat/titles.py` asks a model for
better ones.
"""

import re

from model.chat.conversation import Conversation
from utils.text.characters import plain_text, without_code
from utils.text.words import sentences

LENGTH = 48  # characters; about what the sidebar shows
UNTITLED = "Conversation"
MOST_READ = 4_000  # characters of a question that are looked at
GREETING = re.compile(
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
    behind = text[match.end() :] if (match := GREETING.match(text)) else text
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
