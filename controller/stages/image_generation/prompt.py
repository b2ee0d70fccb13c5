"""A prompt that takes in what was said: “make it blue” means nothing to a model that makes images, and sees no more."""

from contextlib import suppress

from controller.chat.completion import complete_once
from controller.llm.providers import Providers
from controller.turn import Turn
from model.chat.message import Message
from model.errors import BnaError
from utils.text.untrusted import harmless

MAX_CHARS = 6_000  # of what was said
MAX_SHORT_CHARS = 600  # the same, where it goes along as it is
MAX_TOKENS = 400
TASK = (
    "You write prompts for a model that makes images. It knows nothing of the conversation. Reply with one prompt and"
    " nothing else: all that shall be seen, as the request and the conversation before it say."
)


def with_context(providers: Providers, turn: Turn, prompt: str) -> str:
    """Return a prompt that says what the conversation is about; as it is where nothing was said or no one helps."""
    said = "\n\n".join(
        f"{message.role}: {harmless(message.content)}" for message in turn.said_before if message.content
    )
    if not said:
        return prompt
    if not turn.endpoint.provider.has_tools:
        return f"{prompt}\n\nIt is about this:\n{said[-MAX_SHORT_CHARS:]}"
    request = [Message("system", TASK), Message("user", f"{said[-MAX_CHARS:]}\n\nThe request: {prompt}")]
    with suppress(BnaError):
        aside = complete_once(providers, turn.endpoint, request, MAX_TOKENS, turn.stop)
        turn.answer.prompt_token_count = aside.prompt_token_count
        turn.answer.completion_token_count = aside.completion_token_count
        return aside.text.strip() or prompt
    return prompt
