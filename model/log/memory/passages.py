"""What of a conversation is remembered: what people and models said, cut into passages that the encoder can read.

A question by itself tells nothing, and would be found in place of what answers it, whenever it is asked again. So it is
no passage, but stands above those of its answer. Instructions, summaries and what a model thought are left out.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import islice
from typing import NamedTuple

from model.chat.branches import with_parents
from model.chat.message import Message, is_sendable
from utils.moments import moment_of
from utils.reading.block import Block
from utils.retrieval.chunking import chunk
from utils.text.questions import asks, content_words
from utils.text.words import sentences

Count = Callable[[list[str]], list[int]]

PASSAGE_TOKENS = 190  # the encoder reads 254: the rest is for the question above
MOST_PASSAGES = 64  # of one message: twenty pages of a book
QUESTION_CHARACTERS = 200


class SaidMessage(NamedTuple):
    """A message that is remembered, and the question that it answers, if it answers one.

    `said_at_s` is in Unix seconds, 0 where nobody knows; `digest` changes whenever the passages do.
    """

    id: str
    text: str
    question_id: str
    question: str
    said_at_s: float
    is_answer: bool
    digest: bytes

    def passages(self, count: Count) -> list[str]:
        """Return the passages as the encoder gets them: the question above."""
        head = f"{self.question}\n" if self.question else ""
        return [f"{head}{passage}" for passage in message_passages(self.text, count)]


def said_messages(messages: Iterable[Message]) -> Iterator[SaidMessage]:
    """Yield the messages of all branches that tell something."""
    messages = list(messages)
    by_id = {message.id: message for message in messages}
    for message, parent in with_parents(messages):
        if not _tells_something(message):
            continue
        asked = by_id.get(parent)
        is_asked = message.role == "assistant" and asked and asked.role == "user" and asks(asked.content)
        question = asked if is_asked else None
        shown = shortened_question(question.content) if question else ""
        moment = moment_of(message.created_at)
        digest = sha256(f"{shown}\0{message.content}".encode("utf-8", "surrogatepass")).digest()[:12]
        said_at_s = moment.timestamp() if moment else 0.0
        asked_in, is_answer = question.id if question else "", message.role == "assistant"
        yield SaidMessage(message.id, message.content, asked_in, shown, said_at_s, is_answer, digest)


def message_passages(text: str, count: Count) -> list[str]:
    """Return the passages of what a message says, the same ones each time."""
    lines = (Block(line, unit="line") for line in text.splitlines())
    return [passage.text for passage in islice(chunk(lines, count, PASSAGE_TOKENS), MOST_PASSAGES)]


def shortened_question(question: str) -> str:
    """Return a question on one line; of a long one the end, for what is asked stands behind what is pasted."""
    line = " ".join(question.split())
    return line if len(line) <= QUESTION_CHARACTERS else "…" + line[1 - QUESTION_CHARACTERS :]


def is_only_asked(text: str) -> bool:
    """Return whether all sentences of a text ask."""
    said: Sequence[str] = sentences(text)
    return all(sentence.rstrip("\"”’') ").endswith(("?", "？", "؟")) for sentence in said)


def _tells_something(message: Message) -> bool:
    if message.role not in ("user", "assistant") or message.summary_of or not content_words(message.content):
        return False
    return is_sendable(message) if message.role == "assistant" else not is_only_asked(message.content)
