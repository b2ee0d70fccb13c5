"""The tools of stage 4: read with a question in mind, look at every passage, read on.

A passage's number is its place in all documents together, counted from 1: the same in every turn and every tool.
Read next: `controller/document_wishes.py`, what a question asks; `model/passage_search.py`, how passages are found.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from controller.document_desk import DocumentDesk
from controller.document_wishes import alone, asks, content_words, wants_all, wants_overview
from controller.providers import Providers
from controller.scan import scan_text
from controller.tokens import tokens_of
from controller.tools import Tool, ToolContext
from controller.turn import Turn
from controller.window import fit
from model.attachment import Attachment
from model.passage_search import Found, Shelf

MOST_FOUND = 6
MARK_TOKENS = 24  # what stands before each passage
READING_S = 6 * 3600.0  # two hundred megabytes take their time; whoever has none presses Stop
NOTHING = "No passage is about this. If it is a question about the documents, say that they do not hold the answer."
WHOLE = "Here is all of the attached documents, in numbered passages. Name the number, like [1], of what you use."
SOME = (
    "Of the attached documents, these {some} of {total} passages fit best. Name the number, like [{first}], of what"
    " you use."
)
SEEN = "You have all of the attached documents above, in numbered passages. Name the numbers of those you use."
_TEXT = {"type": "string"}
_NUMBER = {"type": "integer", "minimum": 1}


def documents_of(turn: Turn) -> list[Attachment]:
    """Return the documents of a turn in the order in which they came, each once."""
    return list({file.sha256: file for file in turn.attachments}.values())


class DocumentTools:
    """The tools of one turn."""

    def __init__(self, providers: Providers, desk: DocumentDesk, turn: Turn) -> None:
        self.providers, self.desk, self.turn = providers, desk, turn
        self.documents = documents_of(turn)

    def all(self) -> list[Tool]:
        """Return the tools."""
        return [
            Tool(
                "read_documents",
                "Read the documents",
                "Finds the passages of the attached documents that fit a question best.",
                {"properties": {"question": _TEXT}, "required": ["question"]},
                self.read,
                READING_S,
            ),
            Tool(
                "scan_documents",
                "Look at every passage",
                "Counts in how many passages of the attached documents some words stand, and shows these passages."
                " For questions like “how many” and “list all”.",
                {"properties": {"words": _TEXT}, "required": ["words"]},
                self.scan,
                READING_S,
            ),
            Tool(
                "read_passages",
                "Read on",
                "Shows passages of the attached documents by their numbers, for instance those around one that fits.",
                {"properties": {"first": _NUMBER, "last": _NUMBER}, "required": ["first", "last"]},
                self.read_on,
                READING_S,
            ),
        ]

    def read(self, context: ToolContext, arguments: dict[str, Any]) -> str:
        """Return all documents where they fit, else the passages that fit the question."""
        shelf = self._shelf(context)
        asked = str(arguments["question"])
        if self.turn.endpoint.provider.has_tools and (whole := self._whole(shelf, context)):
            return whole
        query = self._query(context, asked)
        vector = self.desk.encoder.encode([query])[0]
        found = shelf.spread(MOST_FOUND) if wants_overview(asked) else shelf.search(query, vector, MOST_FOUND)
        if not wants_overview(asked) and not shelf.has_answer(query, vector):
            context.show(used=f"0 of {len(shelf):,} passages: none is about this")
            if asks(asked):
                context.show(found="nothing")
            return NOTHING
        counts = self._scanned(context, shelf, content_words(query)) if wants_all(asked) else ""
        numbers = [shelf.row(one) + 1 for one in found]
        context.show(used=f"{len(found)} of {len(shelf):,} passages", best=numbers)
        context.progress(f"used {len(found)} of {len(shelf):,} passages")
        if whole := self._whole(shelf, context):
            return f"{counts}{whole}"
        told = self._fitting(shelf, found, context.room_tokens)
        head = SOME.format(some=len(told), total=f"{len(shelf):,}", first=numbers[0])
        return "\n\n".join(part for part in (counts, head, *self._told(shelf, told)) if part)

    def scan(self, context: ToolContext, arguments: dict[str, Any]) -> str:
        """Return in how many passages some words stand, and as many of these as there is room for."""
        shelf = self._shelf(context)
        return self._scanned(context, shelf, str(arguments["words"]))

    def read_on(self, context: ToolContext, arguments: dict[str, Any]) -> str:
        """Return passages by their numbers, as many as there is room for."""
        shelf = self._shelf(context)
        first, last = int(arguments["first"]), min(int(arguments["last"]), len(shelf), int(arguments["first"]) + 50)
        found = self._fitting(shelf, map(shelf.found, range(first - 1, last)), context.room_tokens)
        context.show(used=f"{len(found)} of {len(shelf):,} passages")
        return "\n\n".join(self._told(shelf, found)) or f"There are passages 1 to {len(shelf)} only."

    def _shelf(self, context: ToolContext) -> Shelf:
        return self.desk.shelf(self.documents, context.stop, context.progress)

    def _query(self, context: ToolContext, asked: str) -> str:
        """Return what is searched for; the person's own question is worded so that it stands alone."""
        if asked != self.turn.question.content:
            return asked
        query, usage = alone(self.turn, self.providers)
        if usage:
            context.emit(usage)
        if query != asked:
            context.show(searched_for=query)
        return query

    def _whole(self, shelf: Shelf, context: ToolContext) -> str:
        """Return all passages where they fit, or where the model has them from before; else ""."""
        if shelf.token_count + MARK_TOKENS * len(shelf) > context.room_tokens * 1.3:  # others count other tokens
            return ""
        text = "\n\n".join([WHOLE, *self._told(shelf, map(shelf.found, range(len(shelf))))])
        if tokens_of(text) > context.room_tokens:
            return ""
        context.show(used=f"all {len(shelf):,} passages")
        return SEEN if self._is_seen(text) else text

    def _is_seen(self, text: str) -> bool:
        """Tell whether the model gets this text in an earlier question anyway."""
        if not any(text in message.content for message in self.turn.history):
            return False
        endpoint = self.turn.endpoint
        window = fit(self.turn.history, self.turn.question, endpoint, endpoint.prompt_limit // 2)
        return any(text in message.content for message in window.messages)

    def _scanned(self, context: ToolContext, shelf: Shelf, words: str) -> str:
        """Return what looking at every passage brought."""
        names = [document.name for document in self.documents]
        text, found = scan_text(shelf, words, names)
        context.show(counted=text)
        fitting = self._fitting(shelf, found, context.room_tokens // 2)
        missing = len(found) - len(fitting)
        left_out = f"\n\n{missing:,} of these passages are left out here." if missing else ""
        return "\n\n".join([text, *self._told(shelf, fitting)]) + left_out + "\n\n"

    def _fitting(self, shelf: Shelf, found: Iterable[Found], room_tokens: int) -> list[Found]:
        """Return as many passages as there is room for, the first ones, in the order in which they are read."""
        fitting: list[Found] = []
        for one in found:
            room_tokens -= tokens_of(one.passage.with_heading) + MARK_TOKENS
            if room_tokens < 0 and fitting:
                break
            fitting.append(one)
        return sorted(fitting, key=shelf.row)

    def _told(self, shelf: Shelf, found: Iterable[Found]) -> Sequence[str]:
        """Return passages as a model reads them: number, document, place and heading, then the text."""
        told = []
        for one in found:
            marks = (self.documents[one.document].name, one.passage.place, one.passage.heading)
            told.append(f"[{shelf.row(one) + 1}] {', '.join(part for part in marks if part)}:\n{one.passage.text}")
        return told
