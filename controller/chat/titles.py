"""Titles by a model: one small request after the first answer of a conversation that nobody has named.

Only where it costs nothing, with the embedded model, or where the settings ask for it. A failure is no news: the first
words stay. On this machine a title never competes with a question: it makes way, and is asked for once all is quiet.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from threading import Lock

from controller.chat.completion import Completion, complete_once
from controller.llm.providers import Providers
from model.chat.conversation import Conversation
from model.chat.message import COMPLETE, Message
from model.chat.titles import GREETING, LENGTH, shortened
from model.errors import BnaError
from model.providers.provider import EMBEDDED
from model.store.protocol import ConversationStore
from utils.text.characters import plain_text
from utils.text.words import sentences, words_of
from utils.threads.stop import CancellationToken

# Examples teach even the smallest model what a title is.
PROMPT = (
    ("system", "You write titles of at most five words for conversations."),
    ("user", "Title for: How do I bake bread without yeast?"),
    ("assistant", "Baking Bread Without Yeast"),
    ("user", "Title for: My laptop does not start any more, what can I do?"),
    ("assistant", "Laptop Does Not Start"),
    ("user", "Title for: Tell me about the history of Rome."),
    ("assistant", "History of Rome"),
)
# About 200 tokens of English: a title needs no more.
BEGINNING_CHARACTERS = 800
# A title is short, but models that reason do so within the same limit.
TITLE_TOKENS = 400
EMBEDDED_TITLE_TOKENS = 16
MOST_WORDS = 8  # of a title by a small model


class Titles:
    """Gives conversations better titles, in the worker that has just answered."""

    def __init__(self, providers: Providers, store: ConversationStore) -> None:
        self._providers = providers
        self._store = store
        self._pending: set[str] = set()
        self._due: dict[str, Conversation] = {}
        self._stops: set[CancellationToken] = set()  # of requests that this machine works on
        self._lock = Lock()
        self.is_busy: Callable[[], bool] = lambda: False  # whether somebody waits for an answer

    def is_pending(self, conversation_id: str | None) -> bool:
        """Return whether a conversation's title is being made."""
        with self._lock:
            return conversation_id in self._pending

    def consider(self, conversation: Conversation) -> None:
        """Give a conversation a title if it has just had its first answer, and those whose titles had to make way."""
        if self._is_due(conversation):
            with self._lock:
                self._due[conversation.id or ""] = conversation
        while one := self._take_due():
            with suppress(BnaError):
                self._give(one)
            with self._lock:
                self._pending.discard(one.id or "")
                if one.id in self._due:  # it made way for a question, whose end brings us here again
                    return

    def make_way(self) -> None:
        """End requests that this machine works on, since a question comes; they are made again after its answer."""
        with self._lock:
            stops = list(self._stops)
        for stop in stops:
            stop.set()

    def _take_due(self) -> Conversation | None:
        """Return the next conversation that can get a title now."""
        is_busy = self.is_busy()
        with self._lock:
            for conversation_id, conversation in self._due.items():
                if not (is_busy and self._is_made_here(conversation)):
                    self._pending.add(conversation_id)
                    return self._due.pop(conversation_id)
        return None

    def _is_made_here(self, conversation: Conversation) -> bool:
        return any(self._providers.named(answer.provider).is_local for answer in conversation.messages[1:2])

    def _is_due(self, conversation: Conversation) -> bool:
        """Return whether a title is wanted, and cheap."""
        setting, spoken = self._providers.settings.auto_titles, conversation.messages
        if conversation.is_temporary or len(spoken) != 2 or spoken[-1].status != COMPLETE:
            return False
        is_cheap = setting == "all" or (setting == "embedded" and spoken[-1].provider == EMBEDDED.name)
        with suppress(BnaError):  # the file knows: what is in memory may be older
            return is_cheap and self._store.find(conversation.id).options.is_auto_titled
        return False

    def _give(self, conversation: Conversation) -> None:
        """Ask for a title, and count what that took."""
        match conversation.messages[:2]:
            case [Message(role="user") as question, Message(role="assistant") as answer]:
                pass
            case _:  # something was deleted while the title waited
                return
        provider = self._providers.named(answer.provider)
        endpoint = self._providers.endpoint(provider, answer.model_name or "")
        if not self._providers.state(endpoint).is_running:  # another one was picked: no title is worth loading it again
            return
        prompt = [Message(role, content) for role, content in PROMPT]
        asked = plain_text(question.content[: 4 * BEGINNING_CHARACTERS])[:BEGINNING_CHARACTERS]
        prompt.append(Message("user", f"Title for: {asked}"))
        limit = EMBEDDED_TITLE_TOKENS if endpoint.provider.is_built_in else TITLE_TOKENS
        aside = self._ask(conversation, lambda stop: complete_once(self._providers, endpoint, prompt, limit, stop))
        title, said = cleaned(aside.text), f"{question.content} {answer.content}"
        is_small = endpoint.provider.is_built_in
        if title and not invents_numbers(title, said) and (not is_small or is_sensible(title, said)):
            self._store.retitle(conversation.id, title)
        taken = [*self._store.find(conversation.id).options.background, aside.row("title", endpoint)]
        self._store.choose(conversation.id, background=taken)

    def _ask(self, conversation: Conversation, ask: Callable[[CancellationToken], Completion]) -> Completion:
        """Ask for a title, so that a question can end the request; then it is due again. Raises: BnaError."""
        stop = CancellationToken()
        if self._is_made_here(conversation):
            with self._lock:
                self._stops.add(stop)
        try:
            return ask(stop)
        except BnaError:
            if stop.is_set:
                with self._lock:
                    self._due[conversation.id or ""] = conversation
            raise
        finally:
            with self._lock:
                self._stops.discard(stop)


def cleaned(answer: str) -> str:
    """Return the title in a model's answer; empty where there is none that could serve.

    Models put titles in quotes, after "Title:", in bold, or behind their reasoning.
    """
    text = re.sub(r"<think(ing)?>.*?(</think(ing)?>|$)", "", answer, flags=re.DOTALL)
    lines = [line.strip() for line in text.splitlines() if line.strip(" \t`")]
    title = re.sub(r"^[#\s]*(\*\*)?title:?(\*\*)?\s*", "", lines[0], flags=re.IGNORECASE) if lines else ""
    title = title.strip(" \t\"'“”„«»*_`#.:")
    return shortened(title) if title and len(title) <= 2 * LENGTH else ""


def invents_numbers(title: str, talk: str) -> bool:
    """Return whether a title holds a number that was never said: small models answer the question in its title."""
    return not set(re.findall(r"\d+", title)) <= set(re.findall(r"\d+", talk))


def is_sensible(title: str, talk: str) -> bool:
    """Whether a small model's title may serve: a few words, not cut, not an answer, and mostly of what was said."""
    if title.endswith("…") or len(title.split()) > MOST_WORDS or len(sentences(title)) > 1 or GREETING.match(title):
        return False
    said = {word[:4] for word in words_of(talk)}
    telling = [word for word in words_of(title) if len(word) > 3]
    return 2 * sum(word[:4] in said for word in telling) >= len(telling)
