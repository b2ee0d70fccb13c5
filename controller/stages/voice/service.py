"""Speech: who can hear and speak, a recording that is heard, and an answer that is spoken."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from threading import Thread

from controller.llm.providers import Providers
from controller.resources import Resources
from controller.stages.voice.client import synthesise, transcribe
from controller.stages.voice.hearing import Hearing
from controller.stages.voice.local import synthesizer_of, transcriber_of
from controller.stages.voice.speaking import Speech
from model.chat.message_parts import Attachment
from model.errors import BnaError, ToolFailed
from model.providers.provider import Provider
from model.providers.speech import HERE, SPEECH_ROWS, Clip, SpeechRow, VoiceChoice
from utils.local_models.audio import Samples, wav
from utils.local_models.transcriber import LONGEST_S
from utils.local_models.voice import SAMPLE_RATE
from utils.threads.stop import CancellationToken

REMOTE_PIECE_S = 300.0  # 10 MB, which all providers take
CHARACTERS_PER_S = 15.0  # how fast people speak
ANY_VOICE = "alloy"  # servers that know no names take this one for theirs


class SpeechService:
    """Hears recordings and speaks answers, at a provider or on this machine."""

    def __init__(self, providers: Providers, resources: Resources) -> None:
        self.providers, self.resources = providers, resources

    def rows(self) -> list[SpeechRow]:
        """Return who can hear or speak; first comes the provider that answers, where it can, else this machine."""
        default, configured = self.providers.default, self.providers.configured
        rows = {provider.name: self._row_of(provider) for provider in (default, *configured)}
        able = [row for row in rows.values() if row.hearing_model or row.speaking_model]
        is_first = bool(able) and able[0].provider_name == default.name
        return [*able, HERE] if is_first else [HERE, *able]

    def warm(self) -> None:
        """Load in the background what the first words would else wait for."""
        Thread(target=self._warm, daemon=True).start()

    def hear(self, attachments: Sequence[Attachment], row: SpeechRow) -> Hearing:
        """Begin to hear recordings. Raises: StoreError when a file can't be had."""
        stored = self.resources.attachments
        recordings = [(attachment, stored.path(attachment.sha256)) for attachment in attachments]
        if row.hearing_model:
            return Hearing(recordings, partial(transcribe, self.providers, row), REMOTE_PIECE_S)
        return Hearing(recordings, self._hear_here, LONGEST_S)

    def speak(self, contents: Iterable[str], choice: VoiceChoice) -> Speech:
        """Begin to speak an answer; `contents` yields its text, longer each time."""
        voices = choice.row.voices or HERE.voices
        choice = replace(choice, voice=choice.voice if choice.voice in voices else voices[0])
        return Speech(contents, partial(self._clip, choice))

    def _row_of(self, provider: Provider) -> SpeechRow:
        """Return what a provider can do; at another address than its own, only what the settings tell."""
        values, name = self.providers.settings.provider_values, provider.name
        known = next((row for row in SPEECH_ROWS if row.provider_name == name), None)
        row = known if known and name not in self.providers.moved else SpeechRow(name, voices=(ANY_VOICE,))
        if provider.is_built_in or provider != self.providers.default:
            return row
        voice = values.get("SPEAKING_VOICE")
        return replace(
            row,
            hearing_model=values.get("HEARING_MODEL", row.hearing_model),
            speaking_model=values.get("SPEAKING_MODEL", row.speaking_model),
            voices=(voice, *row.voices) if voice else row.voices,
        )

    def _warm(self) -> None:
        with suppress(BnaError), _loaded():  # whoever speaks first is told
            synthesizer_of(self.resources).warm()
            transcriber_of(self.resources).warm()

    def _hear_here(self, samples: Samples, stop: CancellationToken) -> str:
        """Return what is said in a piece of a recording, heard on this machine. Raises: ToolFailed."""
        del stop  # a piece takes a second or two
        with _loaded():
            return transcriber_of(self.resources).text(samples)

    def _clip(self, choice: VoiceChoice, text: str, stop: CancellationToken) -> Clip | None:
        """Return a spoken sentence; None where there is nothing to say. Raises: ProviderError, ToolFailed."""
        if choice.row.speaking_model:
            data, file_format = synthesise(self.providers, choice, text, stop), choice.row.file_format
        else:
            with _loaded():
                samples = synthesizer_of(self.resources).say(text, choice.speed)
            data, file_format = wav(samples, SAMPLE_RATE) if len(samples) else b"", "wav"
        media_type = "audio/wav" if file_format == "wav" else "audio/mpeg"
        return Clip(text, data, media_type, len(text) / CHARACTERS_PER_S / choice.speed) if data else None


@contextmanager
def _loaded() -> Iterator[None]:
    """Turn what hinders a model on this machine from loading into one of our errors. Raises: ToolFailed."""
    try:
        yield
    except (OSError, RuntimeError, ImportError) as error:
        hint = "Run “make install” once more, or pick a provider that can."
        raise ToolFailed("The speech models that come with bnaGPT could not be loaded.", hint) from error


def voice_service(resources: Resources) -> str:
    """Return who hears and who speaks, in a few words."""
    row = SpeechService(resources.providers, resources).rows()[0]
    where = f" at {resources.providers.named(row.provider_name).title}"
    hears = f"{row.hearing_model}{where}" if row.hearing_model else "this computer"
    speaks = f"{row.speaking_model}{where}" if row.speaking_model else "this computer"
    return f"{hears} hears, {speaks} speaks" if hears != speaks else f"{hears} hears and speaks"
