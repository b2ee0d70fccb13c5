"""What the model saw: the messages of an answer's request, made once more from the conversation.

Kept with the answer are only where its view began and a digest of what was sent: to keep every request would make the
file grow with the square of a conversation's length. Equal digests prove that the messages are the same to the letter.
Of a turn with tools it is the last request: it holds all that the ones before it held, and the tools' results.
"""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from controller.attachments.for_model import Pictures, message_with_attachments
from controller.chat.chat_template import templated
from controller.chat.controller import ChatController
from controller.chat.request import About, digest, history_of, stamped
from controller.chat.window import view_from
from controller.llm.messages import request_rows, to_chat_message
from controller.llm.providers import Providers
from controller.tools.messages import spread, with_material
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.providers.provider import PROVIDERS, Provider
from model.store.protocol import AttachedFiles


@dataclass(frozen=True)
class Seen:
    """A request's messages: as ours, and as the rows that go over the wire; `is_exact` is None where nobody knows."""

    messages: list[Message]
    rows: list[dict[str, Any]]
    is_exact: bool | None


def replay_request(
    providers: Providers,
    store: AttachedFiles,
    stage: type[ChatController] | None,
    conversation: Conversation,
    answer: Message,
    zone: tzinfo | None = None,
) -> Seen:
    """Return what an answer's model saw in a stage, as far as the conversation and the attached files still tell.

    Of pictures the SHA-256 stands in the rows, as it did when they were hashed.
    """
    rows_known = [providers.embedded, *PROVIDERS[1:]]
    provider = next((row for row in rows_known if row.name == answer.provider), providers.default)
    provider = providers.row_of(provider, answer.model_name or "")
    messages = rebuilt(stage, conversation, answer, provider, zone)
    rows = request_rows([to_chat_message(message) for message in messages], answer.model_name or "")
    if answer.saw_pictures:
        rows = Pictures.of(messages, store, provider.most_pictures).named(rows)
    is_exact = digest(rows) == answer.request_digest if answer.request_digest else None
    return Seen(messages, rows, is_exact)


def rebuilt(
    stage: type[ChatController] | None,
    conversation: Conversation,
    answer: Message,
    provider: Provider,
    zone: tzinfo | None = None,
) -> list[Message]:
    """Return the messages of an answer's request; none for an answer without a question."""
    question = conversation.question_of(answer)
    if question is None:
        return []
    if answer.view_begins_at is None:
        return templated(provider, [question])  # a stage without memory
    options = conversation.options
    about_tools = stage.about_tools(options) if stage and provider.has_tools else None
    tells_time = stage.tells_time(options) if stage and about_tools is not None else options.tells_time
    about = About(stage.about(options) if stage else "", about_tools, tells_time, zone)
    history = history_of(conversation, question, about)
    asked = with_material(stamped(question, about), answer.tool_steps)
    history, asked = (
        [message_with_attachments(message, answer.saw_pictures) for message in history],
        message_with_attachments(asked, answer.saw_pictures),
    )
    window = view_from(history, asked, answer.view_begins_at)
    # A stage without tools may have had the one that looks at pictures.
    has_calls = about_tools is not None or any(step.round for step in answer.tool_steps)
    steps = spread(answer, rounds=answer.request_count or 1) if has_calls else []
    return [*templated(provider, window.messages), *steps]
