"""Text to speech on this machine: a voice that comes in a package, loaded when it is first needed. English only."""

from threading import Lock
from typing import Any

from utils.local_models.audio import Samples
from utils.threads.once import once

VOICE = "heart"  # the only one in the package; others would be fetched from the web
SAMPLE_RATE = 24_000


class LocalVoice:
    """One voice for the whole process."""

    def __init__(self) -> None:
        self._lock = Lock()

    @once
    def _model(self) -> Any:
        from hibari import Hibari

        return Hibari(VOICE)

    def warm(self) -> None:
        """Load the voice and its dictionary, so that the first sentence need not wait."""
        self.say("Hello.")

    def say(self, text: str, speed: float = 1.0) -> Samples:
        """Return a text as samples of SAMPLE_RATE; a speed of 2 is twice as fast. Empty where nothing can be said."""
        with self._lock:
            samples: Samples = self._model(text, speed=speed, seed=0)
        return samples
