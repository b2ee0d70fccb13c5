"""The tools of stage 4: read with a question in mind, look at every passage, read on.

A passage's number is its place in all documents together, counted from 1: the same in every turn and every tool.
"""

from typing import Any

from controller.document_desk import DocumentDesk
from controller.document_texts import MARK_TOKENS, behind_fence, fitting, in_fence, is_seen, scan_text, told
from controller.document_wishes import alone, asks, content_words, documents_of, wants_all, wants_overview
from controller.providers import Providers
from controller.quotes import first_sentences, fitting_sentences
from controller.tokens import tokens_of
from controller.tools import Tool, ToolContext
from controller.turn import Turn
from model.passage_search import Shelf

MOST_FOUND = 6
QUOTED = 3  # of these
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
ROWS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    (
        "read_documents",
        "Read the documents",
        "Finds the passages of the attached documents that fit a question best.",
        {"properties": {"question": _TEXT}, "required": ["question"]},
    ),
    (
        "scan_documents",
        "Look at every passage",
        "Counts in how many passages of the attached documents some words stand, and shows these passages."
        " For questions like “how many” and “list all”.",
        {"properties": {"words": _TEXT}, "required": ["words"]},
    ),
    (
        "read_passages",
        "Read on",
        "Shows passages of the attached documents by their numbers, for instance those around one that fits.",
        {"properties": {"first": _NUMBER, "last": _NUMBER}, "required": ["first", "last"]},
    ),
)


class DocumentTools:
    """The tools of one turn."""

    def __init__(self, providers: Providers, desk: DocumentDesk, turn: Turn) -> None:
        self.providers, self.desk, self.turn = providers, desk, turn
        self.documents = documents_of(turn)
        self.problems: list[str] = []
        self.only_quotes = turn.endpoint.provider.is_small

    def all(self) -> list[Tool]:
        """Return the tools."""
        runs = {"read_documents": self.read, "scan_documents": self.scan, "read_passages": self.read_on}
        return [Tool(*row, runs[row[0]], READING_S) for row in ROWS]

    def read(self, context: ToolContext, arguments: dict[str, Any]) -> str:
        """Return all documents where they fit, else the passages that fit the question."""
        shelf = self._shelf(context)
        asked = str(arguments["question"])
        if not self.only_quotes and (whole := self._whole(shelf, context)):
            return whole
        query = self._query(context, asked)
        vector = self.desk.encoder.encode([query])[0]
        found = shelf.search(query, vector, MOST_FOUND)
        if wants_overview(asked):
            found = shelf.spread(MOST_FOUND)
        elif not shelf.has_answer(query, vector):
            context.show(used=f"0 of {len(shelf):,} passages: none is about this", found="nothing")
            return NOTHING if asks(asked) else ""
        counts = [self._scanned(context, shelf, content_words(query))] if wants_all(asked) else []
        numbered = [(shelf.row(one) + 1, one) for one in found]
        context.show(used=f"{len(found)} of {len(shelf):,} passages", best=[number for number, _ in numbered])
        if self.only_quotes:
            overview = first_sentences(numbered) if wants_overview(asked) else []
            context.show(quotes=overview or fitting_sentences(numbered[:QUOTED], vector, self.desk.encoder))
        some = fitting(shelf, found, context.room_tokens)
        head = SOME.format(some=len(some), total=f"{len(shelf):,}", first=numbered[0][0])
        return f"{head}\n\n{behind_fence([*self.problems, *counts, *told(shelf, self.documents, some)])}"

    def scan(self, context: ToolContext, arguments: dict[str, Any]) -> str:
        """Return in how many passages some words stand, and as many of these as there is room for."""
        shelf = self._shelf(context)
        return behind_fence([*self.problems, self._scanned(context, shelf, str(arguments["words"]))])

    def read_on(self, context: ToolContext, arguments: dict[str, Any]) -> str:
        """Return passages by their numbers, as many as there is room for."""
        shelf = self._shelf(context)
        first, last = int(arguments["first"]), min(int(arguments["last"]), len(shelf), int(arguments["first"]) + 50)
        found = fitting(shelf, map(shelf.found, range(first - 1, last)), context.room_tokens)
        context.show(used=f"{len(found)} of {len(shelf):,} passages")
        some = told(shelf, self.documents, found)
        return behind_fence(some) if some else f"There are passages 1 to {len(shelf)} only."

    def _shelf(self, context: ToolContext) -> Shelf:
        """Return the documents, once they are read; what is wrong with the others is told to both.

        Raises: UnsupportedFile.
        """
        self.documents, problems = self.desk.readable(self.documents, context.stop, context.progress)
        self.problems = self.problems or [f"{problem.message} {problem.hint}" for problem in problems]
        if self.problems:
            context.show(not_read=" ".join(self.problems))
        shelf = self.desk.shelf(self.documents)
        context.show(last_number=len(shelf))
        return shelf

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
        parts = [*self.problems, *told(shelf, self.documents, map(shelf.found, range(len(shelf))))]
        text = f"{WHOLE}\n\n{behind_fence(parts)}"
        if tokens_of(text) > context.room_tokens:
            return ""
        context.show(used=f"all {len(shelf):,} passages" if len(shelf) > 1 else "the only passage")
        return SEEN if is_seen(self.turn, in_fence(parts)) else text

    def _scanned(self, context: ToolContext, shelf: Shelf, words: str) -> str:
        """Return what looking at every passage brought."""
        names = [document.name for document in self.documents]
        text, found = scan_text(shelf, words, names)
        context.show(counted=text)
        some = fitting(shelf, found, context.room_tokens // 2)
        missing = len(found) - len(some)
        left_out = f"\n\n{missing:,} of these passages are left out here." if missing else ""
        return "\n\n".join([text, *told(shelf, self.documents, some)]) + left_out
