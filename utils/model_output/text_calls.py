"""Calls of tools that a model wrote into its text, as small ones do that were never taught a form for them.

A call is a JSON object that names a tool and its arguments and stands by itself: on lines of its own, in a block of
code that holds nothing else, or between `<tool_call>` tags. Whether it is one, whoever reads decides: `fits` is asked
whether such a tool was offered and takes these arguments. All else stays text.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import regex

Fits = Callable[[str, str], bool]  # a tool's name, and the arguments as JSON
NONE = -1  # in place of where a call ends
MOST_CHARS = 50_000  # of one call; what goes on longer is text
_NAMES, _ARGUMENTS = ("name", "function", "tool", "tool_name"), ("arguments", "parameters", "args", "input")
_KEYS = "|".join(dict.fromkeys((*_NAMES, *_ARGUMENTS, "type", "id")))
_OPENING = regex.compile(
    r"(?<![^\n])[ \t]*(?:(?P<fence>```+)[ \t]*(?:json|xml|tool_call|tool_code)?[ \t]*\n\s*)?"
    rf"(?:(?P<tag><(?:tool_call|function_call|tools)>)\s*)?(?P<object>\{{\s*\"(?:{_KEYS})\"\s*:)"
)
_FENCES = regex.compile(r"^[ \t]*```", regex.MULTILINE)
_TAG, _FENCE, _LINE_END = r"\s*</(?:tool_call|function_call|tools)>", r"\s*```+", r"[ \t]*\n"
_CLOSING = {  # by whether the call stands in a block of code, and between tags
    (False, False): regex.compile(_LINE_END),
    (False, True): regex.compile(_TAG),
    (True, False): regex.compile(_FENCE + _LINE_END),
    (True, True): regex.compile(_TAG + _FENCE + _LINE_END),
}


class TextCalls:
    """Reads a stream of text, gives back what is text, and keeps the calls."""

    def __init__(self, fits: Fits) -> None:
        self._fits = fits
        self.forget()

    def forget(self) -> None:
        """Begin anew: all that has come were thoughts."""
        self.said = ""  # all that is text
        self.calls: list[tuple[str, str]] = []  # each once: a model that repeats one means it once
        self._held = ""
        self._before = "\n"  # the character before what is held
        self._is_behind_call = False

    def feed(self, text: str, is_end: bool = False) -> str:
        """Return what is text for sure; what may become a call is held until that is known, or the text ends."""
        self._held += text
        length = len(self.said)
        while self._held and self._settle(is_end):
            pass
        return self.said[length:]

    def _settle(self, is_end: bool) -> bool:
        """Take what comes next of the held text, as text or as a call; return whether the rest may be settled, too."""
        if self._is_behind_call:
            self._held = self._held.lstrip("\n")
        begin = len(self._before)
        opening = _OPENING.search(self._before + self._held, pos=begin, partial=not is_end)
        self._pass_on(opening.start() - begin if opening else len(self._held))
        if opening is None or opening.partial:
            return False
        if self._is_in_code():  # which a fence ends
            self._pass_on((opening.start("object") if opening["fence"] else opening.end()) - opening.start())
            return True
        end = self._end_of_call(opening, is_end)
        if end is None:
            return False
        if end == NONE:
            self._pass_on(opening.end() - opening.start())
        else:
            self._before, self._held, self._is_behind_call = "\n", self._held[end:], True
        return True

    def _pass_on(self, length: int) -> None:
        """Take so much of the held text as text."""
        if length > 0:
            self.said += self._held[:length]
            self._before, self._held, self._is_behind_call = self.said[-1], self._held[length:], False

    def _is_in_code(self) -> bool:
        """Return whether what is held stands in a block of code that was begun before."""
        return len(_FENCES.findall(self.said)) % 2 == 1

    def _end_of_call(self, opening: Any, is_end: bool) -> int | None:
        """Return where the call ends that begins the held text; None while it goes on, NONE where it is none."""
        begin = int(opening.start("object") - opening.start())
        try:
            value, end = json.JSONDecoder(strict=False).raw_decode(self._held, begin)
        except (ValueError, RecursionError):
            return NONE if is_end or len(self._held) > MOST_CHARS or _is_broken(self._held[begin:]) else None
        call = _call_in(value)
        if call is None or not self._fits(*call):
            return NONE
        closed_at = self._closed_at(end, (bool(opening["fence"]), bool(opening["tag"])), is_end)
        if closed_at is None or closed_at == NONE:
            return closed_at
        if call not in self.calls:
            self.calls.append(call)
        return closed_at

    def _closed_at(self, end: int, brackets: tuple[bool, bool], is_end: bool) -> int | None:
        """Return where the block around a call ends; None while that is not known, NONE where more follows."""
        if is_end and not self._held[end:].strip():  # where a model should have closed the block, it ended
            return len(self._held)
        closing = _CLOSING[brackets].match(self._held + "\n" * is_end, end, partial=True)
        if closing is None or (closing.partial and is_end):
            return NONE
        return None if closing.partial else min(int(closing.end()), len(self._held))


def _call_in(value: Any) -> tuple[str, str] | None:
    """Return the name and the arguments that an object tells; None where it tells more, or less."""
    if not isinstance(value, dict):
        return None
    inner = value.get("function")
    if isinstance(inner, dict) and set(value) <= {"function", "type", "id"}:
        return _call_in(inner)
    names, arguments = [key for key in _NAMES if key in value], [key for key in _ARGUMENTS if key in value]
    if len(names) != 1 or len(arguments) != 1 or set(value) - {*names, *arguments, "type", "id"}:
        return None
    name, given = value[names[0]], value[arguments[0]]
    if isinstance(given, str):
        with suppress(ValueError, RecursionError):
            given = json.loads(given)
    if not isinstance(name, str) or not isinstance(given, dict):
        return None
    return name, json.dumps(given, ensure_ascii=False)


def _is_broken(text: str) -> bool:
    """Return whether no text behind this makes it JSON: its outermost object has ended, and was none."""
    depth, is_quoted, is_escaped = 0, False, False
    for char in text:
        if is_quoted:
            is_quoted, is_escaped = is_escaped or char != '"', char == "\\" and not is_escaped
        elif char == '"':
            is_quoted = True
        elif char in "{}":
            depth += 1 if char == "{" else -1
            if depth == 0:
                return True
    return False
