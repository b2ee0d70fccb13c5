"""Small requests beside the turns: for a title, and for a summary of what no longer fits the window.

A title is asked for after the first answer of a conversation that nobody has named, only where that costs nothing or
the settings ask for it; where it fails, the first words stay. On this machine it makes way for a question.
A summary is made once, when the window's cut moves, from the summary before it and the messages that drop out since.
It is a message of its own: `summary_of` names the oldest message it stands for, its parent is the newest. A failure
never blocks the turn.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any

from controller.chat.chat_template import templated
from controller.chat.window import instructions_of, left_out
from controller.llm.adaptation import adapted
from controller.llm.error_mapping import translated
from controller.llm.providers import Providers
from controller.llm.stream_parser import ChunkReader
from controller.llm.wire import Chunk, build_openai, whole_answer
from controller.tokens import count_tokens, cut_message
from controller.tools.messages import without_calls
from controller.turn import Turn
from model.chat.conversation import Conversation
from model.chat.events import Usage
from model.chat.message import COMPLETE, Message, now
from model.chat.serialization import MESSAGE_OVERHEAD_TOKENS
from model.chat.titles import cleaned, invents_numbers, is_sensible
from model.errors import BnaError
from model.providers.provider import EMBEDDED, Endpoint
from model.store.protocol import ConversationStore
from utils.text.characters import plain_text
from utils.threads.stop import CancellationToken


@dataclass(frozen=True)
class Completion:
    """What a model answered, and what that took; None where the provider does not tell."""

    text: str
    prompt_token_count: int | None
    completion_token_count: int | None

    def row(self, kind: str, endpoint: Endpoint) -> dict[str, Any]:
        """Return what is kept of it in `Options.background`."""
        return {
            "kind": kind,
            "created_at": now(),
            "provider": endpoint.provider.name,
            "model_name": endpoint.model_name,
            "prompt_token_count": self.prompt_token_count,
            "completion_token_count": self.completion_token_count,
        }


def complete_once(
    providers: Providers,
    endpoint: Endpoint,
    prompt: list[Message],
    max_tokens: int,
    stop: CancellationToken | None = None,
) -> Completion:
    """Ask a model one thing. Raises: BnaError."""
    with providers.line(endpoint) as line, translated(endpoint):
        (stop or CancellationToken()).when_set(line.cut)
        sdk, rows = build_openai(endpoint, line), [{"role": one.role, "content": one.content} for one in prompt]

        def send(body: dict[str, Any]) -> list[Chunk]:
            return whole_answer(sdk, model=endpoint.model_name, messages=[], extra_body=body)

        answer = adapted(send, endpoint, rows, max_tokens)
        reader = ChunkReader(endpoint)
        usage = next((event for event in reader.events(answer) if isinstance(event, Usage)), None)
    counts = (usage.prompt_token_count, usage.completion_token_count) if usage else (None, None)
    return Completion(reader.text, *counts)


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
        prompt = [Message(role, content) for role, content in PROMPT]
        asked = plain_text(question.content[: 4 * BEGINNING_CHARACTERS])[:BEGINNING_CHARACTERS]
        prompt.append(Message("user", f"Title for: {asked}"))
        limit = EMBEDDED_TITLE_TOKENS if endpoint.provider.name == EMBEDDED.name else TITLE_TOKENS
        aside = self._ask(conversation, lambda stop: complete_once(self._providers, endpoint, prompt, limit, stop))
        title, said = cleaned(aside.text), f"{question.content} {answer.content}"
        is_small = endpoint.provider.name == EMBEDDED.name
        if title and not invents_numbers(title, said) and (not is_small or is_sensible(title, said)):
            self._store.retitle(conversation.id, title)
        taken = [*self._store.find(conversation.id).options.background, aside.row("title", endpoint)]
        self._store.choose(conversation.id, background=taken)

    def _ask(self, conversation: Conversation, ask: Callable[[CancellationToken], "Completion"]) -> "Completion":
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


TASK = (
    "Sum up our conversation so far in at most {words} words: facts, names, numbers, decisions, wishes and open "
    "questions, so that it can go on without it. Write the summary only."
)
HEADING = "Summary of what was said before:\n\n"
SHARE = 8  # a summary takes at most this part of the window
MOST_TOKENS = 800
MESSAGE_SHARE = 3  # of what is summed up, a single message takes at most this part: the rest of it is cut off


def summarised(providers: Providers, turn: Turn, begins_at: str) -> Message | None:
    """Return a summary of what stands before a message and no summary tells yet; None where there is nothing new.

    Raises: BnaError.
    """
    last, dropped = left_out(turn.history, begins_at)
    if not dropped:
        return None
    limit = min(MOST_TOKENS, turn.endpoint.context_window // SHARE)
    told = _shortened(without_calls(dropped), turn.endpoint.prompt_limit - 2 * limit)
    if not told:
        return None
    aside = complete_once(providers, turn.endpoint, _prompt(turn, last, told, limit), limit, turn.stop)
    if not aside.text.strip():
        return None
    summary = Message("system", HEADING + aside.text.strip(), parent=dropped[-1].id, created_at=now())
    summary.summary_of = last.summary_of if last else told[0].id
    summary.provider, summary.model_name = turn.endpoint.provider.name, turn.endpoint.model_name
    summary.prompt_token_count = aside.prompt_token_count
    summary.completion_token_count = aside.completion_token_count
    return summary


def _shortened(dropped: Sequence[Message], room_tokens: int) -> list[Message]:
    """Return the newest of what dropped out that fits, long messages cut, and a question first where there is one."""
    most = room_tokens // MESSAGE_SHARE - MESSAGE_OVERHEAD_TOKENS
    kept: list[Message] = []
    for message in reversed(dropped) if most > 0 else ():
        kept.append(cut_message(message, most))
        room_tokens -= count_tokens(kept[-1])
        if room_tokens < 0:
            kept.pop()
            break
    questions = [index for index, message in enumerate(kept) if message.role == "user"]
    return kept[: questions[-1] + 1 if questions else len(kept)][::-1]


def _prompt(turn: Turn, last: Message | None, told: Sequence[Message], limit: int) -> list[Message]:
    """Return what is asked: the beginning of the request before, as it was, and then the task.

    So the provider's prompt cache knows nearly all of it.
    """
    begin = [*instructions_of(turn.history), *([last] if last else []), *told]
    return [*templated(turn.endpoint.provider, begin), Message("user", TASK.format(words=limit // 2))]
