"""Sounds for tests: silence, a chord, and sentences spoken by the voice that comes with bnaGPT."""

import re
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from utils.local_models.audio import RATE, wav
from utils.local_models.voice import SAMPLE_RATE, LocalVoice

Samples = NDArray[np.float32]
FOX = "The quick brown fox jumps over the lazy dog."
# Numbers are said and heard in words or figures; either is right.
_NUMBERS = {
    "zero": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
}


@cache
def voice() -> LocalVoice:
    return LocalVoice()


@cache
def spoken(text: str) -> Samples:
    """Return a text as samples of RATE, spoken by the voice."""
    samples = voice().say(text)
    at = np.arange(0, len(samples) - 1, SAMPLE_RATE / RATE)
    resampled: Samples = np.interp(at, np.arange(len(samples)), samples).astype(np.float32)
    return resampled


def silence(duration_s: float) -> Samples:
    return np.zeros(int(duration_s * RATE), np.float32)


def music(duration_s: float) -> Samples:
    """Return a chord that swells."""
    at = np.arange(int(duration_s * RATE)) / RATE
    chord = np.sin(2 * np.pi * np.outer((220, 277, 330), at)).sum(axis=0)
    swelling: Samples = (0.1 * chord * (1 + np.sin(at * 5))).astype(np.float32)
    return swelling


def write(path: Path, samples: Samples) -> Path:
    path.write_bytes(wav(samples))
    return path


def words(text: str) -> list[str]:
    """Return the words of a text as they are compared: no marks, digits one by one."""
    text = re.sub(r"\d", lambda digit: f" {digit[0]} ", text.lower().replace("-", " "))
    return [str(_NUMBERS.get(word, word)) for word in re.findall(r"[\w']+", text)]


def word_error_rate(heard: str, said: str) -> float:
    """Return how many words were added, lost or mistaken, for each word that was said."""
    one, other = words(said), words(heard)
    row = list(range(len(other) + 1))
    for i, word in enumerate(one, 1):
        before, row = row, [i]
        for j, found in enumerate(other, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (word != found)))
    return row[-1] / len(one)
