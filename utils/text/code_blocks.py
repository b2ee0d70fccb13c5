"""Blocks of code in a text, between fences as Markdown has them; and a text put between such fences."""

import ast
import re

_PYTHON = r"(?:python3?|py)?"
_BLOCK = re.compile(
    rf"^(?P<fence>`{{3,}}|~{{3,}})[ \t]*{_PYTHON}[ \t]*\n(?P<code>.*?)(?:^(?P=fence)[ \t]*$|\Z)", re.M | re.S | re.I
)


def first_block(text: str) -> str:
    """Return the first block of Python in a text, or of a language that is not named; empty where there is none."""
    found = _BLOCK.search(text)
    return found["code"].strip("\n") if found else ""


def only_block(text: str) -> str:
    """Return the code of a text that is one block and nothing else; empty for any other text."""
    found = _BLOCK.match(text := text.strip())
    return found["code"].strip("\n") if found and found.end() == len(text) else ""


def is_python(text: str) -> bool:
    """Return whether a text is a program that does something, not only a word or a number."""
    try:
        lines = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(not isinstance(line, ast.Expr) or isinstance(line.value, ast.Call | ast.BinOp) for line in lines)


def fenced(text: str, language: str = "text") -> str:
    """Return a text as a block of code; the fence is longer than any in the text."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
