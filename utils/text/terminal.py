"""Text made fit for a terminal: no control characters but line breaks and tabs, nor marks that turn the direction.

Escape sequences can hide text or set the clipboard. Source: ECMA-48, and Unicode TR 9.
"""

import base64

import regex

_ORDERS = regex.compile(r"[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    return _ORDERS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def safe_line(text: str, limit: int = 100) -> str:
    line = " ".join(printable(text[: 4 * limit]).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def clipboard_order(text: str) -> str:
    """Return what makes a terminal put a text on the clipboard, from a far machine too.

    Source: https://invisible-island.net/xterm/ctlseqs/ctlseqs.html, "OSC 52".
    """
    return f"\x1b]52;c;{base64.b64encode(text.encode('utf-8', 'replace')).decode()}\x07"
