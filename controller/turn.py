"""What one turn is made of: who shall answer, and all that a stage needs for it."""

from dataclasses import dataclass, field
from threading import Event as Flag

from controller.gate import Gate
from model.attachment import Attachment
from model.message import Message
from model.options import Options
from model.provider import Endpoint, Provider
from utils.stop import Stop


@dataclass(frozen=True)
class Choice:
    """Who shall answer, how to end it, how to know that the request has left, and where tools wait for a yes.

    An empty provider or model name means the default.
    """

    provider: Provider | None = None
    model_name: str = ""
    stop: Stop = field(default_factory=Stop)
    sent: Flag = field(default_factory=Flag)
    gate: Gate = field(default_factory=Gate)


@dataclass(frozen=True)
class Turn:
    """All that a stage needs to answer one question.

    `history` is what was said before it, as a request tells it; `said` the same as the conversation shows it, with all
    that tools have left on answers.
    """

    history: list[Message]
    question: Message
    answer: Message
    endpoint: Endpoint
    choice: Choice
    options: Options = Options()
    conversation_id: str = ""
    is_temporary: bool = False
    asks_first: bool = False  # whether a tool waits for the person's yes
    is_going_on: bool = False  # with an answer that was broken off
    said: list[Message] = field(default_factory=list)

    @property
    def stop(self) -> Stop:
        """Return what ends this turn."""
        return self.choice.stop

    @property
    def said_before(self) -> list[Message]:
        """Return the messages before the question, as they are shown."""
        ids = [message.id for message in self.said]
        return self.said[: ids.index(self.question.id)] if self.question.id in ids else self.said

    @property
    def attachments(self) -> list[Attachment]:
        """Return the files of the conversation as it is shown, oldest first."""
        return [attachment for message in [*self.history, self.question] for attachment in message.attachments]
