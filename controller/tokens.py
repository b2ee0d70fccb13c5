"""Tokens: how long a message is for a model."""

from dataclasses import replace

from model.chat.message import Message
from model.chat.serialization import LONGEST_TOKEN, MESSAGE_OVERHEAD_TOKENS

CUT = "\n[… cut: there is no room for more]"


def count_tokens(message: Message) -> int:
    """Return about how many tokens a message makes, and keep the count on it.

    Counted as GPT-3.5 would; other models differ by some percent in English, by half in other scripts.
    """
    if message.token_count is None:
        message.token_count = tokens_of(message.content) + MESSAGE_OVERHEAD_TOKENS
    return message.token_count


def cut_message(message: Message, limit: int) -> Message:
    """Return a message as it is, or cut to at most about so many tokens."""
    if count_tokens(message) <= limit:
        return message
    beginning = message.content[: LONGEST_TOKEN * limit]  # counting all of a book takes seconds
    return replace(message, content=cut_to(beginning, limit - MESSAGE_OVERHEAD_TOKENS), token_count=None)


def tokens_of(text: str) -> int:
    """Return about how many tokens a text makes."""
    # Imported here: LlamaIndex takes a second, and the app warms it up in the background.
    from llama_index.core.utils import get_tokenizer

    return len(get_tokenizer()(text))


def cut_to(text: str, limit: int) -> str:
    """Return a text that makes at most about so many tokens, with a mark where it was cut."""
    limit = max(0, limit)
    count = tokens_of(text) if 4 * len(text) > limit else 0  # no token is shorter than a byte
    while count > limit:
        text = text[: int(len(text) * limit / count * 0.97)]
        count = tokens_of(text)
        if count <= limit:
            return text + CUT
    return text
