"""Thoughts within a text: what stands between `<think>` and `</think>`, told apart as it comes.

Some servers leave out the opening tag. A tag in the middle of a text, in code or between quotes is only spoken of.
"""

import re
from typing import NamedTuple

# What opens thoughts, and what closes them (Qwen, DeepSeek; Gemini; Seed; Magistral; Kimi; Cohere; OpenThinker;
# Apertus; Gemma; MedGemma; Solar; gpt-oss's Harmony).
TAGS = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<thoughts>": "</thoughts>",
    "<reasoning>": "</reasoning>",
    "<seed:think>": "</seed:think>",
    "[think]": "[/think]",
    "◁think▷": "◁/think▷",
    "<|start_thinking|>": "<|end_thinking|>",
    "<|begin_of_thought|>": "<|end_of_thought|>",
    "<|inner_prefix|>": "<|inner_suffix|>",
    "<|channel>thought": "<channel|>",
    "<unused94>thought": "<unused95>",
    "<|think|>": "<|end|>",
    "<|channel|>analysis<|message|>": "<|end|>",
    "<|channel|>commentary<|message|>": "<|end|>",
}
# What stands around an answer and is no part of it.
_AROUND = {
    "<|start|>assistant<|channel|>final<|message|>": "<|return|>",
    "<|channel|>final<|message|>": "<|return|>",
    "<|start|>assistant": "<|return|>",
    "<|begin|>assistant<|content|>": "<|end|>",
    "<|begin_of_solution|>": "<|end_of_solution|>",
    "<|start_response|>": "<|end_response|>",
}
_AROUND_AFTER_THOUGHTS = {"<answer>": "</answer>", "<response>": "</response>"}  # Hunyuan, Ernie
_OPENINGS = (*TAGS, *_AROUND)
# What a server leaves at the end of an answer whose template it does not know.
_ENDS = (
    "<|im_end|>", "<|eot_id|>", "<|endoftext|>", "<|end_of_text|>", "<|return|>", "<end_of_turn>", "<turn|>",
    "<｜end▁of▁sentence｜>",
)  # fmt: skip
# Closing tags that may come without an opening one; Harmony's would never.
_CLOSINGS = tuple(tag for tag in TAGS.values() if tag != "<|end|>")
_CLOSING = re.compile("|".join(map(re.escape, _CLOSINGS)), re.IGNORECASE)
_OPENING = re.compile("|".join(map(re.escape, TAGS)), re.IGNORECASE)
_MARK = re.compile(r"[<\[◁]")
# An answer that begins with a tag in order to explain it.
_EXPLAINED = re.compile(
    r" (?:is|are|was|and|or|tags?|blocks?|elements?|marks?|means|begins|starts|opens)\b", re.IGNORECASE
)
_EXPLAINED_CHARACTERS = 12
_QUOTES_BEFORE, _QUOTES_AFTER = "`'\"“‘«(*", "`'\"”’»)*"


class Part(NamedTuple):
    """A piece of text or of thoughts; `recasts`: the text that came so far was thoughts, too."""

    text: str
    is_thinking: bool = False
    recasts: bool = False


class ThinkTags:
    """Tells thoughts from text in one answer."""

    def __init__(self) -> None:
        self._held = ""  # what may become a tag
        self._closing = ""  # what ends the thoughts that are open
        self._ends: tuple[str, ...] = _ENDS  # what is no part of the answer where it ends with it
        self._last_said = ""
        self._has_thought = False
        self._is_begin = True  # only space has come, or thoughts
        self._is_fresh = False  # a tag came last: the space behind it is no part of anything
        self._last = ""  # the last character of the thoughts that came
        self._is_settled = False  # no tag is looked for any more
        self._said: list[str] = []

    @property
    def _is_wrapped(self) -> bool:
        """Whether a mark is expected behind the answer, and space before it that is no part of it either."""
        return len(self._ends) > len(_ENDS)

    def takes_as_text(self, text: str) -> bool:
        """Take the next piece and return True if it is text alone, as nearly all are; else leave it to `feed`."""
        if (
            self._held
            or self._is_begin
            or self._closing
            or self._is_wrapped
            or (not self._is_settled and _MARK.search(text))
        ):
            return False
        if not self._is_settled:
            self._said.append(text)
            self._last_said = text[-1:]
        return True

    def feed(self, text: str) -> list[Part]:
        """Take the next piece, and return what is known by now."""
        if self._is_settled:
            return [Part(text)]
        return self._take(self._held + text, is_last=False)

    def end(self) -> list[Part]:
        return self._take(self._held, is_last=True) if self._held else []

    def _take(self, text: str, is_last: bool) -> list[Part]:
        """Return the parts of a text, and hold what is not decided; nothing stays undecided at the last one."""
        self._held = ""
        if self._closing:
            return self._think(text, is_last)
        if self._is_begin:
            return self._begin(text, is_last)
        return self._say(text, is_last)

    def _begin(self, text: str, is_last: bool) -> list[Part]:
        head = text.lstrip()
        low = head[:60].lower()
        around = _AROUND | (_AROUND_AFTER_THOUGHTS if self._has_thought else {})
        known = (*_OPENINGS, *around, *_CLOSINGS)
        tag = next((tag for tag in known if low.startswith(tag)), None)
        rest = head[len(tag) :] if tag else ""
        if not is_last and (_may_become(low, known) or (tag in TAGS and _may_explain(rest))):
            self._held = text
            return []
        if tag is None or (tag in TAGS and _EXPLAINED.match(rest)):
            self._is_begin, self._is_settled = False, tag is not None
            return self._say(head if self._is_fresh else text, is_last)
        self._closing, self._is_fresh = TAGS.get(tag, ""), True
        self._ends += (around[tag],) if tag in around else ()
        return self._take(rest, is_last)

    def _think(self, text: str, is_last: bool) -> list[Part]:
        text, begin = text.lstrip() if self._is_fresh else text, 0
        self._is_fresh = self._is_fresh and not text
        while (at := text.lower().find(self._closing, begin)) >= 0:
            begin = at + len(self._closing)
            is_in_code = (self._last + text[:at]).endswith("`")
            if is_in_code and begin == len(text) and not is_last:
                break  # the next character tells
            if not (is_in_code and text[begin : begin + 1] == "`"):
                self._closing, self._is_fresh = "", True
                return [*self._thought(text[:at].rstrip()), *self._take(text[begin:], is_last)]
        # The space before a closing tag is no part of the thoughts.
        end = at if at >= 0 else len(text) - (0 if is_last else _overlap(text.lower(), (self._closing,)))
        end = len(text[:end].rstrip())
        self._held = "" if is_last else text[end:]
        return self._thought(text[:end])

    def _thought(self, text: str) -> list[Part]:
        self._last = text[-1:] or self._last
        self._has_thought = self._has_thought or bool(text)
        return [Part(text, is_thinking=True)] if text else []

    def _say(self, text: str, is_last: bool) -> list[Part]:
        """Take text, and look for a closing tag whose opening one is missing."""
        if self._is_settled or not (self._is_wrapped or _MARK.search(text)):
            return self._told(text)
        if closing := _CLOSING.search(text):
            if closing.end() == len(text) and not is_last:
                self._held = text[closing.start() :]
                return self._told(text[: closing.start()])
            before = "".join([*self._said, text[: closing.start()]])
            if _OPENING.search(before) or not _is_real(before, text[closing.end() :]):
                self._is_settled = True
                return [Part(text)]
            self._said, self._is_begin, self._is_fresh = [], True, True
            thoughts = Part(text[: closing.start()], is_thinking=True, recasts=True)
            return [thoughts, *self._take(text[closing.end() :], is_last)]
        end = _end_of_answer(self._last_said + text, self._ends) - len(self._last_said)
        if is_last:
            return self._told(text[:end].rstrip() if end < len(text) else text)
        end = min(end, len(text) - _overlap(text.lower(), _CLOSINGS + self._ends))
        end = len(text[:end].rstrip()) if self._is_wrapped else end
        self._held = text[end:]
        return self._told(text[:end])

    def _told(self, text: str) -> list[Part]:
        """Return text, and keep it in mind: it may turn out to be thoughts."""
        if not text:
            return []
        if not self._is_settled:
            self._said.append(text)
        self._last_said = text[-1:]
        return [Part(text)]


def without_thoughts(text: str) -> str:
    tags, said = ThinkTags(), ""
    for part in (*tags.feed(text), *tags.end()):
        said = "" if part.recasts else said + (part.text if not part.is_thinking else "")
    return said


def _may_become(head: str, tags: tuple[str, ...]) -> bool:
    """Whether a text may still grow into a tag."""
    return any(len(tag) > len(head) and tag.startswith(head) for tag in tags)


def _may_explain(rest: str) -> bool:
    """Whether the words behind a tag, which tell whether it is explained, are not all there."""
    return not rest or (rest.startswith(" ") and len(rest) < _EXPLAINED_CHARACTERS and "\n" not in rest)


def _overlap(text: str, tags: tuple[str, ...]) -> int:
    """Return how many characters at the end of a text may be the beginning of a tag."""
    longest = max(map(len, tags)) - 1
    tails = (text[-length:] for length in range(min(longest, len(text)), 0, -1))
    return next((len(tail) for tail in tails if any(tag.startswith(tail) for tag in tags)), 0)


def _end_of_answer(text: str, ends: tuple[str, ...]) -> int:
    """Return where a text ends without what is no part of it; with a space before it is only spoken of."""
    stripped = text.rstrip()
    found = next((end for end in ends if stripped.lower().endswith(end)), "")
    at = len(stripped) - len(found)
    return at if found and text[at - 1 : at] not in (" ", "`", '"', "“") else len(text)


def _is_quoted(before: str, after: str) -> bool:
    return bool(before and after) and before[-1] in _QUOTES_BEFORE and after[0] in _QUOTES_AFTER


def _is_real(before: str, after: str) -> bool:
    """Whether a closing tag closes something, and is not spoken of in prose or code."""
    if before.lstrip().startswith(("{", "[{", '["')):
        return False  # a value of JSON
    line = before[before.rfind("\n") + 1 :]
    if before.count("```") % 2 or line.count("`") % 2 or _is_quoted(before, after):
        return False
    return not (before[-1:] in (" ", "\t") and after[:1] in tuple(" \t.,;:!?)|"))
