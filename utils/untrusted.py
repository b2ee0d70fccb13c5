"""Text of strangers on its way to a model: made visible, and fenced so that nothing in it can end the fence.

A page can say "ignore your instructions" in words, and no filter finds all of them. What can be kept out for certain
are characters that nobody sees, the marks that models' own formats are made of, and a forged end of the fence.
It leaves out what a person sees: `utils/markdown.py`.
"""

import re
import secrets
from unicodedata import category

# What chat formats put around a role: a server that reads them in a text takes what follows for another speaker.
_ROLE_MARKS = re.compile(
    r"<(?=\|)|(?<=\|)>|<(?=/?s>|/?(?:start|end)_of_turn>|/?(?:think|tool_call|tool_response|system|user|assistant)\b)"
    r"|\[(?=/?INST\]|/?(?:SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\])|<(?=</?SYS>>)",
    re.I,
)
_LOOKALIKES = {"<": "‹", ">": "›", "[": "("}
# Some scripts and emoji need these two to join letters, or not to.
_JOINERS = "\u200c\u200d"


def harmless(text: str) -> str:
    """Return a text without characters that nobody sees and without marks of chat formats."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    seen = "".join(c if c in "\n\t" or c in _JOINERS or category(c)[0] != "C" else "" for c in text)
    return _ROLE_MARKS.sub(lambda mark: _LOOKALIKES[mark[0]], seen)


def fenced(text: str, title: str) -> str:
    """Return a text between two lines that it can't forge, since they hold a number drawn for this text alone.

    The text has to be `harmless` already.
    """
    mark = secrets.token_hex(4)
    while mark in text:
        mark = secrets.token_hex(4)
    return f"--- {title} {mark} ---\n{text}\n--- end {mark} ---"
