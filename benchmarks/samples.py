"""What is measured with: conversations and files of any length, always the same."""

import itertools
import random
from pathlib import Path

from model.chat.conversation import Conversation
from model.chat.message import Message
from utils.json_tools import text as json_text

# About 60 tokens, with a little Markdown, as people and models write.
TEXT = (
    "Rain begins when **warm air** rises and cools: the vapour in it condenses to droplets, `cloud` by `cloud`, which "
    "collide and grow until the air can no longer carry them. Mountains lift the air, so their windward side is wet "
    "and the other side is dry."
)
NEWEST = "NEWEST"  # stands in the last message of a sample, and nowhere else


def sample_messages(count: int) -> list[dict[str, str]]:
    """Return messages of about 60 tokens, as a file or a request holds them."""
    texts = [f"Message {number} of {count}. {TEXT}" for number in range(1, count)]
    texts += [f"{NEWEST} message. {TEXT}"] if count else []
    return [{"role": ("user", "assistant")[index % 2], "content": text} for index, text in enumerate(texts)]


def sample_conversation(count: int) -> Conversation:
    """Return a conversation of messages of about 60 tokens."""
    return Conversation([Message.from_dict(message) for message in sample_messages(count)])


def write_sample_file(path: Path, size_mb: int) -> str:
    """Write a conversations file of this size, and return the name of one conversation in the middle."""
    messages = sample_messages(100)
    size_bytes = len(json_text.json_line(messages))
    count = size_mb * 1_000_000 // size_bytes
    whole = {f"Conversation {number}": messages for number in range(count)}
    path.write_bytes(json_text.json_line(whole))
    return f"Conversation {count // 2}"


def vocabulary(count: int = 30_000) -> list[str]:
    """Return made-up words, always the same; the first are meant to be used most."""
    syllables = [consonant + vowel for consonant in "bcdfghklmnprstvw" for vowel in "aeiou"]
    dice = random.Random(1)
    words = {"".join(dice.choices(syllables, k=dice.randint(2, 5))): None for _ in range(count)}
    return list(words)


def varied_conversations(count: int, message_count: int = 20) -> dict[str, list[dict[str, str]]]:
    """Return conversations of many words, some often and most rarely used, as in any language."""
    words, dice = vocabulary(), random.Random(2)
    weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(words))))
    texts = (" ".join(dice.choices(words, cum_weights=weights, k=45)) for _ in range(count * message_count))
    return {
        f"Conversation {number}": [{"role": "user", "content": next(texts)} for _ in range(message_count)]
        for number in range(count)
    }
