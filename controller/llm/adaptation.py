"""Requests worded as their server takes them: what one refuses is said in another way, or left out, and remembered.

Which parameter ends an answer, and how an effort is told, differs between servers and between models of one server,
and a gateway hides which it is. So nothing is concluded from names: the server's own refusal decides.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import groq
import openai

from model.providers.provider import Endpoint
from model.providers.reasoning import EFFORT_PARAMETERS, forms, may_think

Answer = TypeVar("Answer")
Rows = Sequence[dict[str, Any]]

TOKEN_LIMITS = ("max_tokens", "max_completion_tokens")
_REFUSALS = (
    *(openai.BadRequestError, openai.UnprocessableEntityError),
    *(groq.BadRequestError, groq.UnprocessableEntityError),
)
_UNKNOWN = re.compile(
    r"support|unknown|unrecogni[sz]ed|unexpected|extra|permitted|allowed|forbidden|invalid|cannot find|instead",
    re.IGNORECASE,
)
_TOO_MUCH = re.compile(r"too large|at most|less than|greater than", re.IGNORECASE)
_VALUE = re.compile(r"\b(values?|must be|should be|one of|literal|between|expected)\b", re.IGNORECASE)
_THOUGHTS_WANTED = re.compile(
    r"reasoning_content.{0,60}(passed back|required|missing)|missing.{0,20}reasoning_content", re.IGNORECASE
)
NO_THOUGHTS = " "  # what stands for thoughts that are not known any more


def adapted(
    send: Callable[[dict[str, Any]], Answer],
    endpoint: Endpoint,
    rows: Rows,
    max_tokens: int | None = None,
    effort: str = "",
) -> Answer:
    """Send a request with what the person chose; once more, in other words, where the server refuses a parameter.

    Raises: what `send` raises.
    """
    wording = Wording(endpoint, max_tokens, effort)
    while True:
        try:
            answer = send(wording.body(rows))
        except _REFUSALS as refusal:
            if not wording.change(refusal, rows):
                raise
        else:
            wording.remember()
            return answer


class Wording:
    """How one request says what it wants."""

    def __init__(self, endpoint: Endpoint, max_tokens: int | None, effort: str) -> None:
        self._dialect, self._max_tokens, self._effort = endpoint.dialect, max_tokens, effort
        way = endpoint.provider.effort if may_think(endpoint.model_name) else ""
        self._forms = forms(way, effort, max_tokens)
        self._form = min(self._dialect.efforts.get(effort, 0), len(self._forms) - 1)
        self._limit = self._dialect.token_limit or endpoint.provider.token_limit
        self._limits_left = [name for name in TOKEN_LIMITS if name != self._limit]
        self._wants_thoughts = self._dialect.wants_thoughts

    def body(self, rows: Rows) -> dict[str, Any]:
        """Return the request's messages and parameters."""
        body: dict[str, Any] = {"messages": [_with_thoughts(row) for row in rows] if self._wants_thoughts else rows}
        form = dict(self._forms[self._form])
        max_tokens = self._max_tokens or form.pop("max_tokens", None)
        return body | form | ({self._limit: max_tokens} if max_tokens else {})

    def change(self, refusal: openai.APIStatusError | groq.APIStatusError, rows: Rows) -> bool:
        """Find other words after a refusal, and return whether there are any."""
        said = f"{refusal.message} {refusal.body}"
        if _THOUGHTS_WANTED.search(said) and not self._wants_thoughts:
            self._wants_thoughts = any(row != _with_thoughts(row) for row in rows)
            return self._wants_thoughts
        if self._max_tokens and self._limits_left and _is_unknown(self._limit, said):
            self._limit = self._limits_left.pop()
            return True
        return self._change_form(said)

    def remember(self) -> None:
        """Keep the words that were taken for the requests to come."""
        if self._max_tokens:
            self._dialect.token_limit = self._limit
        if self._effort:
            self._dialect.efforts[self._effort] = self._form
        self._dialect.wants_thoughts = self._wants_thoughts

    def _change_form(self, said: str) -> bool:
        """Take the next form that leaves out what was refused: a value, or a parameter as a whole."""
        form = self._forms[self._form]
        named = [key for key in EFFORT_PARAMETERS if key in form and _is_named(key, said)]
        if not form or not (named or re.search(r"reason|think", said, re.IGNORECASE)):
            return False
        is_value = bool(_VALUE.search(said))
        for place in range(self._form + 1, len(self._forms)):
            if is_value or not any(key in self._forms[place] for key in named or form):
                self._form = place
                return True
        return False


def _is_unknown(parameter: str, said: str) -> bool:
    """Whether a refusal says that a parameter is not known at all, and not only that its value is wrong."""
    return bool(re.search(rf"\b{parameter}\b", said)) and bool(_UNKNOWN.search(said)) and not _TOO_MUCH.search(said)


def _is_named(key: str, said: str) -> bool:
    """Whether a refusal names a parameter, in whatever spelling."""
    return bool(re.search(rf"\b{key.replace('_', '')}\b", said.replace("_", ""), re.IGNORECASE))


def _with_thoughts(row: dict[str, Any]) -> dict[str, Any]:
    """Return an answer with calls as a server wants it that insists on thoughts which nobody has any more."""
    if row["role"] != "assistant" or not row.get("tool_calls") or row.get("reasoning_content"):
        return row
    return row | {"reasoning_content": NO_THOUGHTS}
