"""See inside: a turn's story, as it is traced while somebody looks, or told from what is kept of an older answer.

A trace lives in memory alone.
"""

import json
import re
import shlex
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from controller.chat.controller import ChatController
from controller.chat.replay import replay_request
from controller.chat.window import fit
from controller.history.tracing import new_trace
from controller.llm.stream_parser import ChunkReader
from controller.llm.wire import chunks
from controller.tools.runner import ToolRunner
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.store.entry_store import EntryStore
from settings import ROOT
from utils.threads.trace import Span, Trace

if TYPE_CHECKING:
    from controller.services import Services

TOUR = "docs/tour.md"
MATCH = {True: "exactly as sent", False: "changed since", None: "as it would be now"}


class TourStop(NamedTuple):
    """A stop of the tour: its heading, its text, and where it stands."""

    title: str
    text: str

    @property
    def address(self) -> str:
        return f"{TOUR}#{re.sub(r'[^a-z0-9 -]', '', self.title.lower()).replace(' ', '-')}"


@cache
def _stops() -> list[TourStop]:
    file = ROOT / TOUR
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    return [TourStop(*part.split("\n", 1)) for part in re.split(r"^## ", text, flags=re.M)[1:]]


def stop_of(span: Span) -> TourStop | None:
    """Return the stop of the tour that leads to a span's function, or else to its file, if one does."""
    named = (next((stop for stop in _stops() if f"`{name}`" in stop.text), None) for name in (span.function, span.file))
    return next(filter(None, named), None)


def kept_trace(
    services: "Services", stage: type[ChatController] | None, conversation: Conversation, answer: Message
) -> Trace:
    """Return the story of an answer of a stage that nobody looked into, as far as what is kept with it tells."""
    trace, controller = new_trace(services.providers.settings), stage or ChatController
    store, zone = services.resources.attachments, services.resources.helpers.zone()
    seen = replay_request(services.providers, store, stage, conversation, answer, zone)
    question = conversation.question_of(answer)
    if question:
        trace.tell("The question", controller.ask, None, asked_at=question.created_at, question=question.content)
    window = f"{answer.window_token_count} of {answer.context_window}"
    trace.tell("What fitted the window", fit, None, messages=len(seen.messages), tokens=window)
    for step in answer.tool_steps:
        told = {"arguments": step.ran_with or step.arguments, "result": step.result or ""}
        trace.tell("A tool was called", ToolRunner.run, None, step.duration_s, tool=step.name, **told)
    body = json.dumps({"model": answer.model_name, "messages": seen.rows}, ensure_ascii=False)
    trace.tell(f"The messages of the last request, {MATCH[seen.is_exact]}", chunks, None, body=body)
    if answer.first_token_s is not None:
        trace.tell("The first words", ChunkReader.events, trace.began_at_s + answer.first_token_s)
    ended = {"status": answer.status, "finish_reason": answer.finish_reason or "stop"}
    counts = {"prompt_tokens": answer.prompt_token_count, "completion_tokens": answer.completion_token_count}
    trace.tell("The answer, and how it ended", controller.answer, None, answer.duration_s, **ended, **counts)
    trace.tell("It is saved", EntryStore.write_turn, None)
    return trace


def curl_of(span: Span, key_variable: str) -> str:
    """Return a span's request as a command; the key comes from a variable of the shell."""
    key = f' -H "Authorization: Bearer ${key_variable}"' if key_variable else ""
    if span.details["address"].endswith("/v1/messages"):  # Anthropic's own protocol
        key = f' -H "x-api-key: ${key_variable}" -H "anthropic-version: 2023-06-01"'
    address, body = shlex.quote(span.details["address"]), shlex.quote(span.details["body"])
    return f"curl {address} -H 'Content-Type: application/json'{key} -d {body}"
