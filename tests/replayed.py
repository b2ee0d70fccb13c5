"""What an answer's model saw, as the request inspector makes it once more."""

from controller.chat.replay import Seen, replay_request
from controller.llm.providers import Providers
from controller.stages import controller_of
from model.chat.conversation import Conversation
from model.chat.message import Message
from view.app import build_resources


def replayed(providers: Providers, conversation: Conversation, answer: Message) -> Seen:
    """Return the messages of an answer's request."""
    store = build_resources(providers).attachments
    return replay_request(providers, store, controller_of(answer.stage), conversation, answer)
