"""What a page that hears and speaks remembers beside its conversation."""

from dataclasses import dataclass, field

from controller.stages.voice.hearing import Hearing
from controller.stages.voice.speaking import Speech
from model.chat.conversation import Conversation
from model.providers.speech import VoiceChoice
from view.shell.session import session_object


@dataclass
class VoiceState:
    """What the voice page remembers beside the conversation."""

    choice: VoiceChoice = VoiceChoice()
    is_aloud: bool = True
    checks_first: bool = False
    prompt: str = ""  # what was typed beside the recording that is being heard
    hearing: Hearing | None = None
    heard_for: Conversation | None = None
    draft: str = ""  # what was heard and waits for a yes
    speech: Speech | None = None
    is_warm: bool = False
    played_count: int = 0
    silenced: list[str] = field(default_factory=list)

    @classmethod
    def of_session(cls, slug: str, is_aloud: bool) -> "VoiceState":
        """Return this session's state of one page; `is_aloud` is what it begins with."""
        return session_object(f"bna.{slug}.voice", lambda: cls(is_aloud=is_aloud))

    def is_silent(self) -> bool:
        return self.speech is None or self.speech.has_ended

    def hush(self) -> None:
        if self.speech:
            self.speech.stop.set()
            self.silenced = [*self.silenced[-20:], self.speech.id]
            self.speech = None
