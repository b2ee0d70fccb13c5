"""Which fetched models are on this machine, read from the files themselves, and how they go."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from model.providers import embedded
from model.providers.local_models.files import is_later_part, is_projector
from settings import ROOT, Settings
from utils.local_models.hub.repository import HUGGING_FACE, Hub
from utils.net.typed_address import completed


def hub_folder(settings: Settings) -> Path:
    """Return where fetched models lie, each in a folder of its owner and its repository."""
    named = settings.environment.get("MODELS_DIR", "").strip()
    return ROOT / Path(named).expanduser() if named else embedded.FOLDER / "hub"


def hub_of(settings: Settings) -> Hub:
    """Return Hugging Face, or what HF_ENDPOINT names in its place, with the token that is set."""
    named, token = (settings.environment.get(name, "").strip() for name in ("HF_ENDPOINT", "HF_TOKEN"))
    return Hub(completed(named).rstrip("/") if named else HUGGING_FACE, token)


@dataclass(frozen=True)
class InstalledModel:
    """A model that is here: its first file, by which it is opened, and all that belong to it."""

    repository: str
    path: Path
    files: tuple[Path, ...]

    @property
    def size_bytes(self) -> int:
        return sum(file.stat().st_size for file in self.files if file.is_file())


def files_below(folder: Path) -> list[Path]:
    """Return the files in folders of repositories; one that goes meanwhile is passed over, which `glob` does not do."""
    found = sorted(Path(place, name) for place, _, names in os.walk(folder) for name in names)
    return [path for path in found if len(path.relative_to(folder).parts) > 2 and path.is_file()]


def installed(folder: Path) -> list[InstalledModel]:
    """Return the models below a folder, by their names."""
    found = [path for path in files_below(folder) if path.suffix == ".gguf"]
    first = [path for path in found if not is_projector(path.name) and not is_later_part(path.name)]
    return [
        InstalledModel("/".join(path.relative_to(folder).parts[:2]), path, _files_of(path, found)) for path in first
    ]


def remove_files(files: Sequence[Path], folder: Path) -> None:
    """Delete a model's files, what makes it see only where no other model beside it does; and folders left empty.

    Raises: OSError.
    """
    others = [one.path.parent for one in installed(folder) if one.path not in files]
    for file in files:
        if not (is_projector(file.name) and file.parent in others):
            file.unlink(missing_ok=True)
    for file in files:
        for place in file.relative_to(folder).parents[:-1]:
            remove_if_empty(folder / place)


def remove_if_empty(place: Path) -> None:
    """Remove a folder in which nothing but locks is left."""
    if place.is_dir() and all(one.suffix == ".lock" and one.name.startswith(".") for one in place.iterdir()):
        for lock in place.iterdir():
            lock.unlink()
        place.rmdir()


def _files_of(path: Path, found: list[Path]) -> tuple[Path, ...]:
    """Return the files of the model that one opens: its parts, and what makes it see."""
    beside = [one for one in found if one.parent == path.parent]
    stem = path.stem.rpartition("-00001-of-")[0]
    parts = [one for one in beside if stem and one.name.startswith(f"{stem}-0") and is_later_part(one.name)]
    return (path, *parts, *(one for one in beside if is_projector(one.name)))


def repository_folder(folder: Path, repository: str) -> Path:
    return folder.joinpath(*PurePosixPath(repository).parts)
