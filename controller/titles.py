"""Titles by a model: one small request after the first answer of a conversation that nobody has named.

Only where it costs nothing, with the embedded model, or where the settings ask for it. The embedded model computes on
this machine, so its title waits for a pause and makes way for the next question. A failure is no news: the first words
stay. Read next: `model/titles.py`.
"""

from contextlib import suppress
from threading import Event, Lock

from controller.providers import Providers
from model.conversation import Conversation
from model.errors import BnaError
from model.message import COMPLETE, Message
from model.provider import EMBEDDED
from model.store import JsonStore
from model.titles import cleaned, invents_numbers, is_about
from utils.stop import Stop

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
PAUSE_S = 4.0  # so long nobody has to have asked the embedded model anything


class Titles:
    """Gives conversations better titles, in the worker that has just answered."""

    def __init__(self, providers: Providers, store: JsonStore, pause_s: float = PAUSE_S) -> None:
        self._providers = providers
        self._store = store
        self._pause_s = pause_s
        self._pending: set[str] = set()
        self._yielding: list[Stop] = []  # what ends those that the embedded model makes, or is about to
        self._lock = Lock()

    def is_pending(self, conversation_id: str | None) -> bool:
        """Tell whether a conversation's title is being made."""
        with self._lock:
            return conversation_id in self._pending

    def make_way(self) -> None:
        """End what the embedded model does for titles: somebody asks a question; it is made up for at a later one."""
        with self._lock:
            yielding = list(self._yielding)
        for stop in yielding:
            stop.set()

    def consider(self, conversation: Conversation) -> None:
        """Give a conversation a title if it has just had its first answer, and still has its first title."""
        if not self._is_due(conversation):
            return
        conversation_id, stop = conversation.id or "", Stop()
        is_local = conversation.messages[-1].provider == EMBEDDED.name
        with self._lock:
            self._pending.add(conversation_id)
            self._yielding += [stop] if is_local else []
        try:
            if not is_local or self._is_quiet(stop):
                with suppress(BnaError):
                    self._give(conversation, stop)
        finally:
            with self._lock:
                self._pending.discard(conversation_id)
                self._yielding = [other for other in self._yielding if other is not stop]

    def _is_quiet(self, stop: Stop) -> bool:
        """Wait for a while, and tell whether nobody has asked anything meanwhile."""
        asked = Event()
        stop.when_set(asked.set)
        return not asked.wait(self._pause_s)

    def _is_due(self, conversation: Conversation) -> bool:
        """Tell whether a title is wanted, and cheap; after later answers only where each try had to make way."""
        wish, spoken = self._providers.settings.auto_titles, conversation.messages
        if conversation.is_temporary or len(spoken) < 2 or spoken[-1].status != COMPLETE:
            return False
        is_local = spoken[-1].provider == EMBEDDED.name
        if not (wish == "all" or (wish == "embedded" and is_local)):
            return False
        with suppress(BnaError):
            options = self._store.find(conversation.id).options
            has_one = any(row.get("kind") == "title" for row in options.background)
            return options.is_auto_titled and (len(spoken) == 2 or (is_local and not has_one))
        return False

    def _give(self, conversation: Conversation, stop: Stop) -> None:
        """Ask for a title, and count what that took."""
        # Imported here: it brings LlamaIndex, which takes a second.
        from controller.aside import ask_aside

        question, answer = conversation.messages[:2]
        newest = conversation.messages[-1]
        endpoint = self._providers.endpoint(self._providers.named(newest.provider), newest.model_name or "")
        prompt = [Message(role, content) for role, content in PROMPT]
        prompt.append(Message("user", f"Title for: {question.content[:BEGINNING_CHARACTERS]}"))
        limit = EMBEDDED_TITLE_TOKENS if endpoint.provider.name == EMBEDDED.name else TITLE_TOKENS
        aside = ask_aside(self._providers, endpoint, prompt, limit, stop)
        title, talk = cleaned(aside.text), f"{question.content} {answer.content}"
        is_fitting = title and not invents_numbers(title, talk)
        if is_fitting and (not endpoint.provider.is_small or is_about(title, talk)):
            self._store.retitle(conversation.id, title)
        taken = [*self._store.find(conversation.id).options.background, aside.row("title", endpoint)]
        self._store.choose(conversation.id, background=taken)
