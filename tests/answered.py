"""An answer to one question, as a server is scripted to give it."""

from controller.llm.providers import Providers
from controller.stages.chatbot_with_memory import MemoryController
from model.chat.conversation import Conversation
from model.chat.message import Message
from tests.scripted_server import Reply, ScriptedServer
from view.app import build_resources


def answered(providers: Providers, server: ScriptedServer, *replies: Reply) -> Message:
    """Ask stage 2 once, and return the answer."""
    server.script(*replies)
    conversation = Conversation()
    list(MemoryController(build_resources(providers)).reply(conversation, "Hi"))
    return conversation.messages[-1]
