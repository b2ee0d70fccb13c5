"""Stage 10, JSON Mode: the answer is JSON, and fits the conversation's schema if it has one.

Adds: `response_format`, as far as the provider can; a check of every answer; and two more tries where it does not fit.
The embedded model is held to the schema by llama.cpp's grammar. Where a server refuses a schema, the next weaker way is
taken, from then on at once. Leaves out: tools.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from controller.chat.request import digest
from controller.llm.client import MAX_TOKENS
from controller.stages.chatbot_with_memory import MemoryController
from controller.turn import Turn
from model.chat.conversation import Conversation
from model.chat.events import AnswerReset, Event, Sent, Started, TextDelta
from model.chat.message import Message
from model.chat.options import Options
from model.errors import BnaError, ProviderError
from model.json_mode.answer_schema import is_usable, problems
from model.providers.provider import JSON_OBJECT, JSON_SCHEMA, TOLD
from utils.json_tools.answers import value_in
from utils.json_tools.schema import Violation, is_strict, tightened

MOST_REPAIRS = 2
EMBEDDED_TOKENS = 512  # a model this small may never find an end
LOOSE = "json_schema, not strict"
WEAKER = {JSON_SCHEMA: LOOSE, LOOSE: JSON_OBJECT, JSON_OBJECT: TOLD}
ONLY_JSON = "Answer only with JSON: no other words, and no code block around it."
FITTING = "The JSON has to fit this JSON Schema:\n"
REPAIR = "That does not fit:\n{problems}\nWrite the whole JSON once more, mended and as short as it can be."


class JsonController(MemoryController):
    """Answers in JSON only."""

    slug = "json_mode"
    writes_anew = True

    @classmethod
    def about(cls, options: Options) -> str:
        """Tell the model what the answer looks like."""
        schema = options.answer_schema
        return f"{ONLY_JSON}\n\n{FITTING}{json.dumps(schema, ensure_ascii=False)}" if schema else ONLY_JSON

    def go_on(self, conversation: Conversation, answer: Message) -> Started:
        """Let a broken answer be written anew: half a JSON can't be gone on with."""
        return self.retry(conversation, answer)

    def stream(self, turn: Turn) -> None:
        """Let the model answer, and again in the answer's place while it does not fit, twice at most."""
        schema = turn.options.answer_schema if is_usable(turn.options.answer_schema) else {}
        way = self._asked(JsonTurn(**vars(turn), way=turn.endpoint.provider.json_output, schema=schema))
        for number in range(1, MOST_REPAIRS + 1):
            found = problems(turn.answer.content, schema)
            if not found or turn.stop.is_set:
                break
            again = JsonTurn(**vars(_mending(turn, found)), way=way, schema=tightened(schema))
            reason = f"The answer does not fit yet; asking once more ({number} of {MOST_REPAIRS})…"
            if not self._mended(again, reason):
                break
        _make_bare(turn)

    def _mended(self, again: "JsonTurn", reason: str) -> bool:
        """Ask once more, and tell whether an answer came; where none did, the one before it is brought back."""
        before = again.answer.content
        again.emit(AnswerReset(reason))
        with suppress(BnaError):
            self._asked(again)
            if again.answer.content:
                return True
        again.emit(AnswerReset(""))
        again.emit(TextDelta(before))
        return False

    def request_options(self, turn: Turn) -> dict[str, Any]:
        """Add the form of the answer to what a person chose."""
        chosen = super().request_options(turn)
        if turn.endpoint.provider.is_built_in and turn.endpoint.provider.is_small:
            # The likeliest token is the best one here, and looking at it alone is faster under a grammar.
            chosen = {MAX_TOKENS: EMBEDDED_TOKENS, "temperature": 0, **chosen}
        return chosen | (turn.form if isinstance(turn, JsonTurn) else {})

    def _asked(self, turn: "JsonTurn") -> str:
        """Ask once, and return the way that was taken: the next weaker one where a server refuses a form, or has."""
        refused = self.providers.refused_forms
        while turn.refusal in refused and (weaker := turn.weaker):
            turn = weaker
        try:
            self._answer(turn, [])
        except ProviderError as error:
            weaker = turn.weaker
            # Its subclasses say that something else is wrong.
            if type(error) is not ProviderError or weaker is None or turn.answer.content:
                raise
            way = self._asked(weaker)
            refused.add(turn.refusal)  # now that the weaker form was answered, nothing else can have been wrong
            return way
        return turn.way


@dataclass(frozen=True)
class JsonTurn(Turn):
    """A turn whose answer is held to a schema, in the way that its provider can."""

    way: str = TOLD
    schema: dict[str, Any] = field(default_factory=dict)

    @property
    def form(self) -> dict[str, Any]:
        """Return what the request says of the answer's form.

        Source: https://platform.openai.com/docs/guides/structured-outputs
        """
        if self.way == TOLD:
            return {}
        if self.way == JSON_OBJECT or not self.schema:
            return {"response_format": {"type": JSON_OBJECT}}
        named = {"name": "answer", "schema": self.schema, "strict": self.way == JSON_SCHEMA and is_strict(self.schema)}
        return {"response_format": {"type": JSON_SCHEMA, "json_schema": named}}

    @property
    def weaker(self) -> "JsonTurn | None":
        """Return the turn that asks for the next weaker form; None behind the weakest."""
        way = WEAKER.get(self.way)
        turn = replace(self, way=way) if way else None
        return turn.weaker if turn and turn.form == self.form else turn

    @property
    def refusal(self) -> str:
        """Return what tells a refusal of this form from all others: the server, the model, and the form."""
        return digest([{"server": self.endpoint.base_url, "model": self.endpoint.model_name} | self.form])


def _mending(turn: Turn, found: Sequence[Violation]) -> Turn:
    """Return the turn that asks for the same answer once more, with what is wrong."""
    wrong = Message("assistant", turn.answer.content or "null")
    prompt = REPAIR.format(problems="\n".join(f"- {problem}" for problem in found))

    def emit(event: Event) -> None:
        if not isinstance(event, Sent):  # “Show request” shows the first request
            turn.emit(event)

    return replace(turn, history=[*turn.history, turn.question, wrong], question=Message("user", prompt), emit=emit)


def _make_bare(turn: Turn) -> None:
    """Write the answer anew as JSON alone where other words, or a code block, stand around it."""
    text = turn.answer.content
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        with suppress(ValueError):
            value = value_in(text)
            turn.emit(AnswerReset(""))
            turn.emit(TextDelta(json.dumps(value, ensure_ascii=False, indent=2)))
