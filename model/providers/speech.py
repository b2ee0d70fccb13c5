"""Speech: who hears and speaks, as one table of rows, and what a person chose of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SpeechRow:
    """What one provider can do; empty where it can't, and this machine does it instead.

    Sources: https://platform.openai.com/docs/guides/text-to-speech, https://console.groq.com/docs/text-to-speech,
    https://docs.mistral.ai/capabilities/audio.
    """

    provider_name: str
    hearing_model: str = ""
    speaking_model: str = ""
    voices: tuple[str, ...] = ()
    file_format: str = "mp3"


# Who is in no row is asked only where the settings name a model: a custom server.
HERE = SpeechRow("", voices=("heart",), file_format="wav")
SPEECH_ROWS = (
    SpeechRow(
        "openai",
        "gpt-4o-mini-transcribe",
        "tts-1",
        ("alloy", "ash", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer"),
    ),
    SpeechRow(
        "groq",
        "whisper-large-v3-turbo",
        "canopylabs/orpheus-v1-english",
        ("autumn", "diana", "hannah", "austin", "daniel", "troy"),
        "wav",
    ),
    SpeechRow("mistral", "voxtral-mini-latest"),
)


@dataclass(frozen=True)
class VoiceChoice:
    """Who hears and speaks, in which voice, and how fast; a speed of 2 is twice as fast."""

    row: SpeechRow = HERE
    voice: str = ""
    speed: float = 1.0


@dataclass(frozen=True)
class Clip:
    """One spoken sentence."""

    text: str
    data: bytes
    media_type: str
    duration_s: float  # about; nobody measures it
