"""Titles: what a conversation is called before anyone has named it.

At first these are the first words of its first question. `controller/titles.py`, read that next, asks a model for
better ones.
"""

import re

from model.conversation import Conversation
from utils.words import words_of

LENGTH = 48  # characters; about what the sidebar shows
UNTITLED = "Conversation"


def first_words(conversation: Conversation) -> str:
    """Return the first words of the first question, as many as a title holds."""
    questions = (message.content for message in conversation.messages if message.role == "user")
    return shortened(next(questions, ""))


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
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    title = re.sub(r"^[#\s]*(\*\*)?title:?(\*\*)?\s*", "", lines[0], flags=re.IGNORECASE) if lines else ""
    title = title.strip(" \t\"'“”„«»*_`#.:")
    return shortened(title) if title and len(title) <= 2 * LENGTH else ""


def invents_numbers(title: str, talk: str) -> bool:
    """Tell whether a title holds a number that was never said: small models answer the question in its title."""
    return not set(re.findall(r"\d+", title)) <= set(re.findall(r"\d+", talk))


def is_about(title: str, talk: str) -> bool:
    """Tell whether a title holds a word of the talk: small models repeat an example in place of making one."""
    said = {word for word in words_of(talk) if len(word) > 3}
    return any(word in said for word in words_of(title)) or not said
