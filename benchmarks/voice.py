"""How fast bnaGPT hears and speaks on this machine, and how many words get lost on the way there and back."""

import time
from collections.abc import Iterator

import numpy as np

from benchmarks.table import Figures, Row
from controller.llm.discovery import build_providers
from controller.stages.voice.local import synthesizer_of
from controller.stages.voice.service import SpeechService
from model.providers.speech import VoiceChoice
from settings import Settings
from tests.sounds import FOX, spoken, word_error_rate
from utils.local_models.audio import RATE
from utils.local_models.transcriber import Transcriber
from view.app import build_resources

SAID = (
    FOX,
    "Please send the meeting notes to everyone before five o'clock.",
    "What is the weather going to be like in Paris this weekend?",
    "She opened the window, because the room was warm and the evening was cool.",
    "A small boat left the harbour in the morning, and nobody saw it come back.",
)


def voices(rounds: int = 7) -> Iterator[Row]:
    """Measure hearing, speaking, and both one after the other."""
    ears = Transcriber()
    ears.warm()
    minute = np.concatenate([spoken(text) for text in SAID * 2])[: 29 * RATE]
    speeds = [_times_real_time(ears, minute) for _ in range(rounds)]
    yield Row("Speech to text, beside the recording's length", "x", 8, Figures(speeds), is_least=True)
    rates = [100 * word_error_rate(ears.text(spoken(text)), text) for text in SAID]
    yield Row("Words mistaken when its own voice is heard", "%", 15, Figures([sum(rates) / len(rates)]))
    settings = Settings()
    controller = SpeechService(build_providers(settings), build_resources(build_providers(settings)))
    synthesizer_of(controller.resources).warm()
    delays = [_first_sound_s(controller) for _ in range(rounds)]
    yield Row("First sound is made after the first sentence is whole", "s", 0.7, Figures(delays))


def _times_real_time(ears: Transcriber, samples: object) -> float:
    began_at_s = time.perf_counter()
    ears.text(samples)
    return 29 / (time.perf_counter() - began_at_s)


def _first_sound_s(controller: SpeechService) -> float:
    began_at_s = time.perf_counter()
    speech = controller.speak([f"{FOX} It"], VoiceChoice())
    while not speech.clips:
        time.sleep(0.001)
    speech.stop.set()
    return time.perf_counter() - began_at_s
