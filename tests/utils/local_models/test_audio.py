"""Sound in files."""

import tracemalloc
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.sounds import Samples, music, silence, write
from utils.local_models.audio import RATE, duration_s, sound_pieces, wav


def encode(path: Path, samples: Samples, codec: str) -> Path:
    """Write samples as another format, as a browser or a recorder would."""
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(codec, rate=48_000)
        stream.layout = "mono"
        resampler = av.AudioResampler(format=stream.format.name, layout="mono", rate=48_000)
        frame = av.AudioFrame.from_ndarray((samples * 32767).astype(np.int16).reshape(1, -1), "s16", "mono")
        frame.sample_rate = RATE
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    return path


def test_wav_comes_back_as_it_was(tmp_path: Path):
    samples = music(1)
    read = np.concatenate(list(sound_pieces(write(tmp_path / "a.wav", samples), 30)))
    assert np.abs(read - samples).max() < 0.001


@pytest.mark.parametrize(
    ("ending", "codec"), [("webm", "libopus"), ("mp3", "libmp3lame"), ("m4a", "aac"), ("flac", "flac")]
)
def test_what_browsers_and_recorders_write_is_read(tmp_path: Path, ending: str, codec: str):
    path = encode(tmp_path / f"a.{ending}", music(2), codec)
    assert sum(map(len, sound_pieces(path, 30))) / RATE == pytest.approx(2, abs=0.1)
    assert duration_s(path) == pytest.approx(2, abs=0.2)


def test_pieces_end_in_a_pause(tmp_path: Path):
    samples = np.concatenate([music(7), silence(0.5), music(5)])
    first, second = sound_pieces(write(tmp_path / "a.wav", samples), 10)
    assert 7 <= len(first) / RATE <= 7.5
    assert len(first) + len(second) == len(samples)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no sound at all",
        bytes(range(256)) * 100,
        b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nother.wav\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile other.wav\n",
    ],
    ids=["empty", "text", "junk", "playlist", "list of files"],
)
def test_what_holds_no_sound_is_refused_and_opens_no_other_file(tmp_path: Path, data: bytes):
    write(tmp_path / "other.wav", music(1))
    (tmp_path / "a.mp3").write_bytes(data)
    with pytest.raises(ValueError):
        duration_s(tmp_path / "a.mp3")
    with pytest.raises(ValueError):
        list(sound_pieces(tmp_path / "a.mp3", 30))


def test_a_file_that_breaks_off_gives_what_is_there(tmp_path: Path):
    path = encode(tmp_path / "a.mp3", music(4), "libmp3lame")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 1 < sum(map(len, sound_pieces(path, 30))) / RATE < 3


def test_a_head_without_sound_gives_nothing(tmp_path: Path):
    (tmp_path / "a.wav").write_bytes(wav(music(1))[:44])
    assert list(sound_pieces(tmp_path / "a.wav", 30)) == []


def test_an_hour_takes_no_more_memory_than_a_minute(tmp_path: Path):
    path = write(tmp_path / "a.wav", silence(3600))
    tracemalloc.start()
    assert sum(map(len, sound_pieces(path, 30))) == 3600 * RATE
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 40_000_000
