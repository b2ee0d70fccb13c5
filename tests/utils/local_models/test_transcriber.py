"""Hearing and speaking on this machine, one against the other."""

from pathlib import Path

import pytest

from tests.sounds import FOX, Samples, music, silence, spoken, voice, word_error_rate
from utils.local_models.transcriber import Transcriber
from utils.local_models.voice import SAMPLE_RATE

SAID = (
    FOX,
    "Please send the meeting notes to everyone before five o'clock.",
    "What is the weather going to be like in Paris this weekend?",
    "The invoice number is four seven two nine, and it is due in two weeks.",
    "She opened the window, because the room was warm and the evening was cool.",
)


@pytest.fixture(scope="module")
def ears() -> Transcriber:
    return Transcriber()


def test_what_is_said_is_heard(ears: Transcriber):
    rates = [word_error_rate(ears.text(spoken(text)), text) for text in SAID]
    assert sum(rates) / len(rates) <= 0.15


@pytest.mark.parametrize("sound", [silence(3), music(6), silence(0.01)], ids=["silence", "music", "a click"])
def test_where_nothing_is_said_nothing_is_heard(ears: Transcriber, sound: Samples):
    assert ears.text(sound) == ""


def test_missing_weights_are_told_and_not_looked_for_elsewhere(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        Transcriber(tmp_path).text(silence(1))


def test_a_faster_voice_takes_less_time():
    assert len(voice().say(FOX, speed=2.0)) < 0.7 * len(voice().say(FOX)) < 5 * SAMPLE_RATE


@pytest.mark.parametrize("text", ["", "…", "🎉"])
def test_nothing_to_say_is_no_sound(text: str):
    assert len(voice().say(text)) < SAMPLE_RATE


def test_word_errors_count_additions_losses_and_mistakes():
    assert word_error_rate("the fox runs 4 7", "The fox runs four seven.") == 0
    assert word_error_rate("a fox", "the fox runs") == pytest.approx(2 / 3)
