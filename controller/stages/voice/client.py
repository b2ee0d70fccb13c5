"""Speech at a provider: `/audio/transcriptions` and `/audio/speech`, as in the OpenAI protocol.

Sources: https://platform.openai.com/docs/api-reference/audio.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from controller.llm.error_mapping import translated
from controller.llm.providers import Providers
from controller.llm.wire import build_openai
from model.errors import ModelNotFound, ReplyInterrupted
from model.providers.provider import Endpoint
from model.providers.speech import SpeechRow, VoiceChoice
from utils.local_models.audio import Samples, wav
from utils.threads.stop import CancellationToken

MOST_CLIP_BYTES = 8_000_000  # three minutes of WAV


@contextmanager
def _told(endpoint: Endpoint, variable: str) -> Iterator[None]:
    """Translate what goes wrong; a model that is not there is named in a variable, not picked in the sidebar.

    Raises: ProviderError.
    """
    try:
        with translated(endpoint):
            yield
    except ModelNotFound as error:
        error.hint = f"Check {variable} in .env, or pick someone else who hears and speaks."
        raise


def transcribe(providers: Providers, row: SpeechRow, samples: Samples, stop: CancellationToken) -> str:
    """Return what a provider hears in a piece of a recording. Raises: ProviderError."""
    endpoint = providers.endpoint(providers.named(row.provider_name), row.hearing_model)
    with providers.line(endpoint) as line, _told(endpoint, "HEARING_MODEL"):
        stop.when_set(line.cut)
        reply = build_openai(endpoint, line).audio.transcriptions.create(
            model=row.hearing_model, file=("speech.wav", wav(samples), "audio/wav"), response_format="json"
        )
        return " ".join(reply.text.split())


def synthesise(providers: Providers, choice: VoiceChoice, text: str, stop: CancellationToken) -> bytes:
    """Return a sentence as a sound file of the row's format. Raises: ProviderError."""
    row = choice.row
    endpoint = providers.endpoint(providers.named(row.provider_name), row.speaking_model)
    with providers.line(endpoint) as line, _told(endpoint, "SPEAKING_MODEL"):
        stop.when_set(line.cut)
        reply = build_openai(endpoint, line).audio.speech.create(
            model=row.speaking_model,
            voice=choice.voice,
            input=text,
            response_format="wav" if row.file_format == "wav" else "mp3",
            extra_body={} if choice.speed == 1 else {"speed": choice.speed},
        )
        data = reply.content
    if not 0 < len(data) <= MOST_CLIP_BYTES:
        raise ReplyInterrupted(f"{endpoint.provider.title} sent something that is not audio.", "Pick another voice.")
    return data
