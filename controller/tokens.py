"""Tokens: how long a message is for a model. Read next: `controller/window.py`."""

from model.message import Message

# What a message costs beyond its text: its role and the marks around it.
MESSAGE_OVERHEAD_TOKENS = 4


def count_tokens(message: Message) -> int:
    """Return about how many tokens a message makes, and keep the count on it.

    Counted as GPT-3.5 would; other models differ by some percent in English, by half in other scripts.
    """
    if message.token_count is None:
        # Imported here: LlamaIndex takes a second, and the app warms it up in the background.
        from llama_index.core.utils import get_tokenizer

        message.token_count = len(get_tokenizer()(message.content)) + MESSAGE_OVERHEAD_TOKENS
    return message.token_count
