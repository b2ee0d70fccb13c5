"""What understands speech and speaks on this machine: one of each for the whole process."""

from controller.resources import Resources
from utils.local_models.transcriber import Transcriber
from utils.local_models.voice import LocalVoice


def transcriber_of(resources: Resources) -> Transcriber:
    return resources.get_shared(_build_transcriber)


def synthesizer_of(resources: Resources) -> LocalVoice:
    return resources.get_shared(_build_synthesizer)


def _build_transcriber(_resources: Resources) -> Transcriber:
    return Transcriber()


def _build_synthesizer(_resources: Resources) -> LocalVoice:
    return LocalVoice()
