"""One turn as the journal keeps it, timed."""

import time

from benchmarks.turns import PROMPT
from model.chat.conversation import Conversation
from model.chat.message import COMPLETE
from model.store.journal import Journal


def kept_turn_ms(journal: Journal, conversation: Conversation) -> float:
    """Return how long a person waits for what keeps a turn: before the request may leave, and after the last word."""
    question, answer = conversation.ask(PROMPT)
    started_at_s = time.perf_counter()
    log = journal.begin(conversation, question, answer)
    begun_at_s = time.perf_counter()
    answer.content, answer.status = "Then it rains.", COMPLETE
    log.grow(answer.content)
    grown_at_s = time.perf_counter()
    log.end()
    return 1000 * (begun_at_s - started_at_s + time.perf_counter() - grown_at_s)
