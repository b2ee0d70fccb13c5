"""Numbers in a file that can be what they say they are: a file may come from anywhere, and be edited by hand.

One wrong count of tokens would let a request run over the window, or leave nothing in it.
"""

# What a message costs beyond its text: its role and the marks around it.
MESSAGE_OVERHEAD_TOKENS = 4
MOST = 10**12  # tokens, or seconds
LONGEST_TOKEN = 16  # characters; of real texts few tokens are longer


def is_possible(value: object) -> bool:
    """Whether a number can be a count or a duration; what is no number can't be wrong in this way."""
    return isinstance(value, bool) or not isinstance(value, int | float) or 0 <= value < MOST


def is_count_of(token_count: int | None, text: str) -> bool:
    """Whether a text may make so many tokens, with its overhead; no token is shorter than a byte."""
    if token_count is None:
        return False
    most = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
    return len(text) // LONGEST_TOKEN <= token_count <= most + 2 * MESSAGE_OVERHEAD_TOKENS
