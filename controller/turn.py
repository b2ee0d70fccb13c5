"""What one turn is made of: who shall answer, and all that a stage needs for it.

Read next: `controller/base.py`.
"""

from dataclasses import dataclass, field
from threading import Event as Flag

from model.message import Message
from model.options import Options
from model.provider import Endpoint, Provider
from utils.stop import Stop


@dataclass(frozen=True)
class Choice:
    """Who shall answer, how to end it, and how to know that the request has left; empty means the default model."""

    provider: Provider | None = None
    model_name: str = ""
    stop: Stop = field(default_factory=Stop)
    sent: Flag = field(default_factory=Flag)


@dataclass(frozen=True)
class Turn:
    """All that a stage needs to answer one question; `history` is what was said before it."""

    history: list[Message]
    question: Message
    answer: Message
    endpoint: Endpoint
    choice: Choice
    options: Options = Options()

    @property
    def stop(self) -> Stop:
        """Return what ends this turn."""
        return self.choice.stop
