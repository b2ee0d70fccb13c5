"""What understands speech and speaks on this machine: one of each for the whole process."""

from controller.resources import Resources, built_per_process
from utils.local_models.transcriber import Transcriber
from utils.local_models.voice import LocalVoice


@built_per_process
def transcriber_of(_resources: Resources) -> Transcriber:
    return Transcriber()


@built_per_process
def synthesizer_of(_resources: Resources) -> LocalVoice:
    return LocalVoice()
