"""A model from Hugging Face as a download: its files one after the other, each checked, into the folder of models."""

import errno
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from controller.stages.models.downloads import PAUSED, Download, Told
from model.errors import DownloadFailed
from model.providers.local_models.files import ModelFiles, models_in
from model.providers.local_models.installed import files_below, remove_files, repository_folder
from utils.files.atomic import write_whole
from utils.local_models.hub.repository import Hub, RemoteFile, Repository, TooManyRequests
from utils.local_models.hub.transfer import FilePart, FileSource, WrongFile, fetch_file
from utils.local_models.machine import free_disk_bytes
from utils.net.proxies import BadProxy
from utils.text.words import size_text
from utils.threads.stop import CancellationToken

SPARE_BYTES = 500_000_000  # that stay free on the disk
_NOTES = ".download.json"


def look(hub: Hub, repository: str) -> Repository:
    """Return what a repository has now. Raises: DownloadFailed."""
    with told_errors(repository, hub):
        return hub.repository(repository)


@dataclass
class HubSource:
    """One model of one repository; `file` is the name of the file that is opened."""

    hub: Hub
    folder: Path
    repository: str
    file: str

    def __post_init__(self) -> None:
        self.key = f"{self.repository}/{self.file}"
        self.title = f"{self.repository}: {self.file}"
        self.place = repository_folder(self.folder, self.repository)
        self.path = self.place / self.file

    def note(self, model: ModelFiles) -> None:
        """Write down what is wanted, so that the next program can go on with it. Raises: DownloadFailed."""
        files = {str(model.place_of(file)): file.size_bytes for file in model.files}
        missing = [name for name in files if not (self.place / name).is_file()]
        brings = sorted({*self._brings(), *missing})
        told = {"repository": self.repository, "file": self.file, "files": files, "brings": brings}
        with told_errors(self.repository, self.hub):
            write_whole(self._notes, json.dumps(told).encode())

    def fetch(self, told: Told, stop: CancellationToken) -> None:
        """Fetch what is missing of all files, as they are in the repository now.

        Raises: DownloadFailed; InterruptedError when `stop` is set.
        """
        repository = look(self.hub, self.repository)
        model = next((one for one in models_in(repository.files) if one.name == self.file), None)
        if model is None:
            raise DownloadFailed(f"{self.repository} no longer has {self.file}.", "Take another of its files.")
        self.note(model)
        self.check_room(model)
        done = 0
        with told_errors(self.repository, self.hub):
            for file in reversed(model.files):  # the one that is opened last: what is seen is whole
                source = self._source(repository, file)
                before = done
                fetch_file(
                    source,
                    self.place / model.place_of(file),
                    lambda count, before=before: told(before + count, model.size_bytes),  # type: ignore[misc]
                    stop,
                )
                done += file.size_bytes
        told(done, model.size_bytes)
        self._notes.unlink(missing_ok=True)

    def check_room(self, model: ModelFiles) -> None:
        """Look whether the disk has room for what is missing. Raises: DownloadFailed."""
        begun = sum(FilePart(self.place / model.place_of(file)).size_bytes for file in model.files)
        free, needed = free_disk_bytes(self.folder), model.size_bytes - begun
        if needed > 0 and free < needed + SPARE_BYTES:
            raise DownloadFailed(
                f"The disk has {size_text(free)} free, and {size_text(needed + SPARE_BYTES)} are needed.",
                "Make room, or let MODELS_DIR name a folder on another disk; then resume.",
            )

    def forget(self) -> None:
        """Remove what has come so far; what was here before it stays."""
        brings = [self.place / name for name in self._brings()]
        with suppress(OSError):
            for path in brings:
                FilePart(path).forget()
            self._notes.unlink(missing_ok=True)
            remove_files(brings, self.folder)

    def _brings(self) -> list[str]:
        """Return which files are here by this download alone, and will be."""
        with suppress(OSError, ValueError, KeyError):
            return list(json.loads(self._notes.read_text(encoding="utf-8"))["brings"])
        return []

    @property
    def _notes(self) -> Path:
        return self.path.with_name(f".{self.path.name}{_NOTES}")

    def _source(self, repository: Repository, file: RemoteFile) -> FileSource:
        return FileSource(self.hub.address(repository, file), file.size_bytes, file.sha256, self.hub.headers())


def interrupted(hub: Hub, folder: Path) -> Iterator[Download]:
    """Yield the downloads that an earlier program did not bring to their end, each as one that is paused."""
    for path in (one for one in files_below(folder) if one.name.endswith(_NOTES)):
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            noted = json.loads(path.read_text(encoding="utf-8"))
            source = HubSource(hub, folder, noted["repository"], noted["file"])
            begun = sum(FilePart(source.place / name).size_bytes for name in noted["files"])
            if source._notes == path:
                yield Download(source, PAUSED, begun, sum(noted["files"].values()))


@contextmanager
def told_errors(repository: str, hub: Hub) -> Iterator[None]:
    """Tell an error of the block in a sentence. Raises: DownloadFailed; InterruptedError as it is."""
    try:
        yield
    except InterruptedError:
        raise
    except TooManyRequests as error:
        hint = "Wait a moment; with a token in HF_TOKEN you may ask more often."
        raise DownloadFailed("Hugging Face is asked too often from here.", hint, error.wait_s or 60.0) from error
    except WrongFile as error:
        text = f"{error} is not the file that Hugging Face promised, so it was removed."
        raise DownloadFailed(text, "Resume fetches it anew.") from error
    except FileNotFoundError as error:
        raise DownloadFailed(
            f"Hugging Face has no “{repository}”, or it is not for everybody.",
            "Look at its name; for one that is private, set HF_TOKEN in .env.",
        ) from error
    except TimeoutError as error:
        raise DownloadFailed(
            "Another bnaGPT on this machine is fetching it.", "It is here once that is done."
        ) from error
    except (BadProxy, httpx.InvalidURL) as error:
        raise DownloadFailed(
            f"Hugging Face can't be asked: {error}", "Mend it in the environment or in .env."
        ) from error
    except (httpx.HTTPError, ConnectionError) as error:
        hint = "Look at the network, and at HF_ENDPOINT if you have set it."
        raise DownloadFailed("Hugging Face can't be reached, or the line was cut.", hint, wait_s=0.0) from error
    except ValueError as error:
        raise DownloadFailed(f"“{repository[:200]}” is no repository's name.", "Such as Qwen/Qwen3-4B-GGUF.") from error
    except OSError as error:
        raise _told(error, repository, hub) from error


def _told(error: OSError, repository: str, hub: Hub) -> DownloadFailed:
    """Return what refuses a file, or the disk, has against it."""
    if isinstance(error, PermissionError) and error.errno in (401, 403):
        account = "with the account of HF_TOKEN" if hub.token else "and set HF_TOKEN in .env"
        return DownloadFailed(
            f"“{repository}” is only for those who have accepted its licence.",
            f"Accept it at https://huggingface.co/{repository} {account}.",
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DownloadFailed("The disk is full; what has come is kept.", "Make room, then resume.")
    return DownloadFailed(f"The file can't be written: {error.strerror or error}.", "Look at the folder's permissions.")
