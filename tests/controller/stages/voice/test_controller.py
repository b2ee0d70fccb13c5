"""Stage 9: what is said becomes text, what is answered becomes sound."""

import io
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from controller.llm.discovery import build_providers
from controller.stages.voice import hearing as hearing_module
from controller.stages.voice import speaking
from controller.stages.voice.hearing import Hearing
from controller.stages.voice.service import SpeechService
from controller.stages.voice.speaking import Speech
from model.chat.message_parts import Attachment
from model.errors import (
    BnaError,
    FileTooLarge,
    InputError,
    ModelNotFound,
    ProviderUnreachable,
    ToolFailed,
    UnsupportedFile,
)
from model.providers.speech import HERE, VoiceChoice
from settings import Settings
from tests.conftest import SECRET
from tests.sounds import FOX, Samples, music, silence, spoken, word_error_rate
from tests.speech_server import SpeechServer
from tests.waiting import FOR_EVER_S, PATIENCE_S, wait_until
from utils.local_models.audio import wav
from utils.local_models.transcriber import Transcriber
from view.app import build_resources

Make = Callable[..., SpeechService]


@pytest.fixture
def server() -> Iterator[SpeechServer]:
    with SpeechServer() as scripted:
        yield scripted


@pytest.fixture
def make(environ: dict[str, str]) -> Make:
    def make(**variables: str) -> SpeechService:
        settings = Settings.from_env(environ | variables)
        return SpeechService(build_providers(settings), build_resources(build_providers(settings)))

    return make


@pytest.fixture
def here(make: Make) -> SpeechService:
    """Return a controller that hears and speaks on this machine."""
    return make()


@pytest.fixture
def there(make: Make) -> SpeechService:
    """Return a controller whose provider hears and speaks."""
    return make(HEARING_MODEL="ears", SPEAKING_MODEL="mouth", SPEAKING_VOICE="ann")


def recording(controller: SpeechService, *parts: Samples, name: str = "said.wav") -> Attachment:
    return controller.resources.attachments.put(name, wav(np.concatenate(parts)))


def heard(controller: SpeechService, *attachments: Attachment) -> Hearing:
    hearing = controller.hear(attachments, controller.rows()[0])
    assert hearing.wait(PATIENCE_S)
    return hearing


def said(controller: SpeechService, *contents: str, choice: VoiceChoice | None = None) -> Speech:
    speech = controller.speak(contents, choice or VoiceChoice(controller.rows()[0]))
    assert speech.wait(PATIENCE_S)
    return speech


def test_a_recording_is_heard_on_this_machine(here: SpeechService):
    hearing = heard(here, recording(here, spoken(FOX)))
    assert word_error_rate(hearing.text, FOX) <= 0.15
    assert (hearing.error, hearing.progress) == (None, 1.0)


def test_several_recordings_become_one_question(here: SpeechService):
    hearing = heard(here, recording(here, spoken("Tell me a story.")), recording(here, spoken(FOX)))
    assert hearing.text.count("\n\n") == 1
    assert len(hearing.attachments) == 2


@pytest.mark.parametrize("sound", [silence(2), music(4)], ids=["silence", "music"])
def test_a_recording_without_words_is_told(here: SpeechService, sound: Samples):
    error = heard(here, recording(here, sound)).error
    assert isinstance(error, InputError) and error.message == "Nothing was said in the recording." and error.hint


def test_a_file_that_is_no_sound_is_told_by_its_name(here: SpeechService):
    error = heard(here, here.resources.attachments.put("notes.mp3", b"no sound")).error
    assert isinstance(error, UnsupportedFile) and "“notes.mp3”" in error.message


def test_what_is_too_long_is_refused_before_it_is_heard(here: SpeechService, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hearing_module, "LONGEST_MINUTES", 2)
    error = heard(here, recording(here, silence(121))).error
    assert isinstance(error, FileTooLarge) and "2 minutes" in error.message


def test_a_file_that_tells_too_little_of_itself_ends_at_the_limit(here: SpeechService, monkeypatch):
    monkeypatch.setattr(hearing_module, "LONGEST_MINUTES", 1)
    monkeypatch.setattr(hearing_module, "duration_s", lambda path: 1.0)
    assert isinstance(heard(here, recording(here, silence(120))).error, FileTooLarge)


def test_stop_ends_hearing_between_two_pieces(here: SpeechService):
    hearing = here.hear([recording(here, silence(1500))], HERE)
    hearing.stop.set()
    assert hearing.wait(PATIENCE_S)
    assert (hearing.text, hearing.error) == ("", None)


def test_missing_weights_are_told(here: SpeechService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("controller.stages.voice.local.Transcriber", lambda: Transcriber(tmp_path))
    error = heard(here, recording(here, silence(1))).error
    assert isinstance(error, ToolFailed) and "make install" in error.hint


def test_an_answer_is_spoken_sentence_by_sentence(here: SpeechService):
    clips = said(here, "It rains. Bring", "It rains. Bring a coat.\n```\nx = 1\n```").clips
    assert [clip.text for clip in clips] == ["It rains.", "Bring a coat.", "The code is on the screen."]
    with wave.open(io.BytesIO(clips[0].data)) as sound:
        assert sound.getnframes() / sound.getframerate() > 0.4


def test_a_provider_hears_and_speaks_where_it_can(there: SpeechService, server: SpeechServer):
    assert there.rows()[0].provider_name == "openai"
    assert heard(there, recording(there, music(1))).text == "What is rain?"
    speech = said(there, "It falls.", choice=VoiceChoice(there.rows()[0], "ann", 1.5))
    assert [clip.data for clip in speech.clips] == [server.sound]
    asked, told = server.speech_requests
    assert asked.fields["model"] == b"ears" and asked.fields["file"].startswith(b"RIFF")
    assert told.fields["input"] == "It falls."
    assert (told.fields["model"], told.fields["voice"], told.fields["speed"]) == ("mouth", "ann", 1.5)


def test_a_long_recording_goes_to_a_provider_in_pieces(there: SpeechService, server: SpeechServer):
    assert heard(there, recording(there, silence(700))).text == " ".join(["What is rain?"] * 3)
    assert max(len(request.fields["file"]) for request in server.speech_requests) < 10_000_000


@pytest.mark.parametrize("status", [401, 404, 429, 500])
def test_a_provider_that_fails_is_told_without_the_key(there: SpeechService, server: SpeechServer, status: int):
    server.speech_status = status
    for error in (heard(there, recording(there, music(1))).error, said(there, "It falls.").error):
        assert isinstance(error, BnaError) and error.hint
        assert SECRET not in f"{error.message} {error.hint}"


def test_a_model_that_is_not_there_is_told_with_the_variable_that_names_it(there: SpeechService, server: SpeechServer):
    server.speech_status = 404
    hearing, speech = heard(there, recording(there, music(1))).error, said(there, "It falls.").error
    assert isinstance(hearing, ModelNotFound) and isinstance(speech, ModelNotFound)
    assert "has no model “ears” at 127.0.0.1" in hearing.message and "Check HEARING_MODEL in .env" in hearing.hint
    assert "has no model “mouth” at 127.0.0.1" in speech.message and "Check SPEAKING_MODEL in .env" in speech.hint


def test_a_provider_that_is_gone_is_told(make: Make):
    gone = make(OPENAI_BASE_URL="http://127.0.0.1:9/v1", HEARING_MODEL="ears")
    assert isinstance(heard(gone, recording(gone, music(1))).error, ProviderUnreachable)


def test_what_is_no_sound_is_not_played(there: SpeechService, server: SpeechServer):
    server.sound = b""
    speech = said(there, "It falls.")
    assert speech.clips == [] and speech.error


def test_stop_cuts_a_provider_that_is_slow(there: SpeechService, server: SpeechServer):
    server.delay_s = FOR_EVER_S
    speech = there.speak(["It falls. And falls."], VoiceChoice(there.rows()[0]))
    wait_until(lambda: server.speech_requests)
    speech.stop.set()
    assert speech.wait(PATIENCE_S)
    assert (speech.clips, speech.error, len(server.speech_requests)) == ([], None, 1)


def test_the_voice_does_not_run_far_ahead_of_the_listener(there: SpeechService, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(speaking, "AHEAD_S", 2.0)
    speech = there.speak(["This is a sentence of some length. " * 50], VoiceChoice(there.rows()[0]))
    wait_until(lambda: speech.clips)
    assert not speech.wait(1.0) and len(speech.clips) <= 3  # a silence: it waits for the listener
    speech.stop.set()
    assert speech.wait(PATIENCE_S)


def test_a_very_long_answer_is_spoken_up_to_a_limit(there: SpeechService, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(speaking, "AHEAD_S", 1e6)
    monkeypatch.setattr(speaking, "MOST_CHARACTERS", 100)
    clips = said(there, "This is a sentence. " * 50).clips
    assert len(clips) == 6 and clips[-1].text == speaking.REST


def test_a_server_at_another_address_is_asked_only_for_what_the_settings_name(make: Make):
    assert make().rows() == [HERE]
    assert make(LLM_PROVIDER="embedded").rows() == [HERE]
    [row, last] = make(HEARING_MODEL="ears").rows()
    assert (row.hearing_model, row.speaking_model, last) == ("ears", "", HERE)


def test_a_provider_known_to_hear_is_asked_where_it_answers_and_else_offered_only(make: Make):
    own = {"OPENAI_BASE_URL": "https://api.openai.com/v1", "GROQ_API_KEY": "x"}
    assert [row.provider_name for row in make(**own).rows()] == ["openai", "groq", ""]
    assert [row.provider_name for row in make(**own, LLM_PROVIDER="embedded").rows()] == ["", "groq", "openai"]
