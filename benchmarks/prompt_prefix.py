"""How much of each request stands word for word at the beginning of the one before, and need not be read again.

All requests count, those for summaries too, and each is compared with the one right before it. Tokens are counted as
bnaGPT counts them, in whole messages. The baseline sends the same conversation in a window that slides at every turn.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

from benchmarks.apps import Endpoint, clean_environ
from benchmarks.samples import TEXT
from benchmarks.table import Figures, Row
from controller.llm.discovery import build_providers
from controller.stages.chatbot_with_memory import MemoryController
from controller.tokens import count_tokens
from model.chat.conversation import Conversation
from model.chat.events import Summarised
from model.chat.message import Message
from settings import Settings
from view.app import build_resources

TURNS = 200
WINDOW = 7_000
ANSWER = f"{TEXT} {TEXT}"  # as long as lets the window overflow ten times


def prompt_prefixes(endpoint: Endpoint) -> Iterator[Row]:
    """Measure a long conversation whose window overflows now and then."""
    environ = clean_environ(endpoint) | {"LLM_PROVIDER": "openai", "LLM_MODEL": "m", "LLM_CONTEXT_WINDOW": str(WINDOW)}
    providers = build_providers(Settings.from_env(environ))
    conversation = Conversation()
    endpoint.script_all([{"text": f"{number}: {ANSWER}"} for number in range(2 * TURNS)])
    overflow_count = _talk(MemoryController(build_resources(providers)), conversation)
    requests = [[_message(one) for one in request["body"]["messages"]] for request in endpoint.requests()]
    spoken = [message for message in conversation.messages if not message.summary_of]
    sliding = list(_sliding(spoken, providers.endpoint().prompt_limit))
    name = f"Prompt that is the beginning of the request before, {TURNS} turns, {overflow_count} overflows"
    yield Row(name, "%", 90, Figures([_share(requests)], raw=[_share(sliding)]), is_least=True)


def _talk(controller: MemoryController, conversation: Conversation) -> int:
    """Take all turns, and return how many times the window overflowed."""
    questions = (f"{number}. And what happens after that, in the mountains?" for number in range(TURNS))
    events = [event for question in questions for event in controller.reply(conversation, question)]
    return sum(isinstance(event, Summarised) for event in events)


def _message(data: dict[str, str]) -> Message:
    return Message(data["role"], data["content"])


def _sliding(spoken: Sequence[Message], limit: int) -> Iterator[list[Message]]:
    """Yield what each turn sends when the oldest messages go one by one: as many of the newest as fit."""
    for end in range(1, len(spoken), 2):
        room, begin = limit, end
        while begin and (room := room - count_tokens(spoken[begin - 1])) >= 0:
            begin -= 1
        yield list(spoken[begin:end])


def _share(requests: Sequence[Sequence[Message]]) -> float:
    """Return how many in a hundred tokens stand at the beginning of the request before; the first has none before."""
    known = sum(_cost(_common(before, request)) for before, request in pairwise(requests))
    return 100 * known / sum(map(_cost, requests))


def _common(before: Sequence[Message], request: Sequence[Message]) -> list[Message]:
    """Return the messages with which both begin."""
    pairs = takewhile(lambda pair: _said(pair[0]) == _said(pair[1]), zip(before, request, strict=False))
    return [message for _, message in pairs]


def _said(message: Message) -> tuple[str, str]:
    return message.role, message.content


def _cost(messages: Sequence[Message]) -> int:
    return sum(map(count_tokens, messages))
