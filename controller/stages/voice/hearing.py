"""Hearing: recordings become text, in a thread beside the page.

A long recording is heard piece by piece, so memory stays small, the page can tell how far it is, and Stop works.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from model.chat.message_parts import Attachment
from model.errors import BnaError, FileTooLarge, InputError, UnsupportedFile
from utils.local_models.audio import RATE, Samples, duration_s, sound_pieces
from utils.threads.jobs import Job
from utils.threads.stop import CancellationToken

LONGEST_MINUTES = 30


class Hearing(Job):
    """Recordings that are being heard."""

    def __init__(
        self,
        recordings: Sequence[tuple[Attachment, Path]],
        to_text: Callable[[Samples, CancellationToken], str],
        piece_s: float,
    ) -> None:
        """Begin to hear recordings, in pieces of at most so many seconds."""
        super().__init__()
        self.attachments = [attachment for attachment, _ in recordings]
        self.text = ""
        self.error: BnaError | None = None
        self._recordings = list(recordings)
        self._to_text = to_text
        self._piece_s = piece_s
        self._heard_s, self._total_s = 0.0, 0.0
        self.begin(self._run)

    @property
    def progress(self) -> float:
        """Return how much has been heard, from 0 to 1."""
        return min(1.0, self._heard_s / self._total_s) if self._total_s else 0.0

    def _run(self) -> None:
        """Hear all, and keep what went wrong for the page to tell."""
        try:
            self._measure()
            said = [text for attachment, path in self._recordings if (text := self._hear(attachment, path))]
            self.text = "\n\n".join(said)
            if not self.text and not self.stop.is_set:
                hint = "Record it again, nearer to the microphone, or type."
                raise InputError("Nothing was said in the recording.", hint)
        except BnaError as error:
            self.error = None if self.stop.is_set else error

    def _measure(self) -> None:
        """Find out how long the recordings are. Raises: FileTooLarge, UnsupportedFile."""
        for attachment, path in self._recordings:
            try:
                self._total_s += duration_s(path)
            except ValueError as error:
                raise _unreadable(attachment) from error
        if self._total_s > LONGEST_MINUTES * 60:
            raise _too_long()

    def _hear(self, attachment: Attachment, path: Path) -> str:
        """Return what is said in one recording. Raises: BnaError."""
        said: list[str] = []
        try:
            for samples in sound_pieces(path, self._piece_s):
                if self.stop.is_set:
                    break
                said.append(self._to_text(samples, self.stop))
                self._heard_s += len(samples) / RATE
                if self._heard_s > LONGEST_MINUTES * 60:  # a file may tell too little of itself
                    raise _too_long()
        except ValueError as error:
            raise _unreadable(attachment) from error
        return " ".join(filter(None, said))


def _too_long() -> FileTooLarge:
    hint = "Send a part of it, or several one after the other."
    return FileTooLarge(f"This is more than {LONGEST_MINUTES} minutes of audio.", hint)


def _unreadable(attachment: Attachment) -> UnsupportedFile:
    hint = "WAV, MP3, M4A, OGG, FLAC and WebM can be heard."
    return UnsupportedFile(f"“{attachment.name}” has no audio that can be read.", hint)
