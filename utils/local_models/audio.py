"""Sound in files: any format in, pieces of plain samples out, and WAV.

Only formats that hold their sound themselves are opened: a playlist could make the reader ask other hosts.
"""

import io
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

# A numpy array of float32. Numpy is imported where sound is touched: the first page need not wait for it.
Samples = Any
RATE = 16_000  # samples per second; what speech recognition wants
FORMATS = "wav,mp3,ogg,flac,aac,aiff,amr,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2"
_QUIET_S = 5.0  # how far back from a piece's end a pause is looked for
_FRAME_S = 0.1


def duration_s(path: Path) -> float:
    """Return how long a recording is, in seconds, without decoding it.

    Raises: ValueError when the file holds no sound.
    """
    with _opened(path) as (container, stream):
        if container.duration:
            return float(container.duration) / 1_000_000
        # What a browser records does not tell.
        ends = [packet.pts * packet.time_base for packet in container.demux(stream) if packet.pts is not None]
        return float(max(ends, default=0))


def pieces(path: Path, longest_s: float) -> Iterator[Samples]:
    """Yield a recording as mono samples of RATE, in pieces that end in a pause.

    Raises: ValueError when the file holds no sound.
    """
    import numpy as np

    kept, kept_count = [np.zeros(0, np.float32)], 0
    for samples in _decoded(path):
        kept.append(samples)
        kept_count += len(samples)
        if kept_count >= longest_s * RATE:
            joined = np.concatenate(kept)
            cut = _pause(joined[: int(longest_s * RATE)])
            yield joined[:cut]
            kept, kept_count = [joined[cut:]], len(joined) - cut
    if kept_count:
        yield np.concatenate(kept)


def wav(samples: Samples, rate: int = RATE) -> bytes:
    import numpy as np

    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes())
    return file.getvalue()


def _decoded(path: Path) -> Iterator[Samples]:
    """Yield what a file holds, a few hundredths of a second at a time; a broken stretch is left out."""
    import av
    import numpy as np

    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with _opened(path) as (container, stream):
        for packet in container.demux(stream):
            for part in chain.from_iterable(map(resampler.resample, _frames(packet))):
                yield part.to_ndarray().reshape(-1).astype(np.float32) / np.float32(32768)


def _frames(packet: Any) -> list[Any]:
    import av

    try:
        frames: list[Any] = packet.decode()
    except av.error.InvalidDataError:
        return []
    for frame in frames:
        frame.pts = None  # browsers write times that jump
    return frames


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """Lend a file and the first sound in it. Raises: ValueError."""
    import av

    options = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
    try:
        with av.open(str(path), options=options, metadata_errors="ignore") as container:
            if not container.streams.audio:
                raise ValueError("no sound in the file")
            yield container, container.streams.audio[0]
    except av.error.FFmpegError as error:
        raise ValueError("no sound that can be read") from error


def _pause(samples: Samples) -> int:
    """Return where the quietest tenth of a second near the end is."""
    import numpy as np

    frame = int(_FRAME_S * RATE)
    tail = samples[-int(_QUIET_S * RATE) :]
    tail = tail[: len(tail) // frame * frame].reshape(-1, frame)
    return len(samples) - (len(tail) - int(np.argmin((tail**2).mean(axis=1)))) * frame + frame // 2
