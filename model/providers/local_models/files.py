"""Which models the files of a repository make: one may be cut into parts, and a second file may make it see."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from model.providers.local_models.catalogue import Machine
from utils.local_models.hub.repository import RemoteFile

_PART = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})$")
_QUANTISATION = re.compile(r"(?:^|[-._])((?:UD-)?I?Q\d+(?:_[A-Z0-9]+)*|BF16|F16|F32|MXFP4(?:_MOE)?)(?=[-._]|$)", re.I)
# Helpers of other models, which answer nobody.
_HELPER = re.compile(r"imatrix|(^|[-._])(mtp|lora|draft|embedding|reranker)([-._]|$)", re.I)
# The best balance of size and quality first. Source: the tables of perplexity in llama.cpp, tools/quantize/README.md.
_PREFERRED = ("Q4_K_M", "Q5_K_M", "Q4_K_S", "Q4_0", "Q8_0", "Q6_K", "Q3_K_M")
_PROJECTORS = ("Q8_0", "F16", "BF16", "F32")


@dataclass(frozen=True)
class ModelFiles:
    """A model: its file, or its parts in their order, and the file that makes it see, if there is one."""

    parts: tuple[RemoteFile, ...]
    projector: RemoteFile | None = None

    @property
    def name(self) -> str:
        """Return the name of the file that is opened, which stands for the model."""
        return self.parts[0].name

    @property
    def quantisation(self) -> str:
        return quantisation_of(self.name)

    @property
    def files(self) -> tuple[RemoteFile, ...]:
        return (*self.parts, *([self.projector] if self.projector else []))

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)

    @property
    def memory_bytes(self) -> int:
        """Return about how much memory it takes with a short conversation."""
        return round(1.15 * self.size_bytes + 0.7e9)

    def place_of(self, file: RemoteFile) -> PurePosixPath:
        """Return where a file goes, seen from the repository's folder: what makes a model see lies beside it."""
        return PurePosixPath(self.name).with_name(PurePosixPath(file.name).name)


def is_projector(name: str) -> bool:
    return PurePosixPath(name).name.lower().startswith("mmproj")


def is_later_part(name: str) -> bool:
    part = _PART.match(PurePosixPath(name).stem)
    return bool(part) and int(part["number"]) > 1 if part else False


def quantisation_of(name: str) -> str:
    """Return how a file's weights are rounded, such as Q4_K_M; "" where its name does not say."""
    stem = PurePosixPath(name).stem
    part = _PART.match(stem)
    found = _QUANTISATION.findall(part["stem"] if part else stem)
    return found[-1].upper() if found else ""


def models_in(files: Iterable[RemoteFile]) -> list[ModelFiles]:
    """Return the models, the smallest first; one with a part that is missing is none."""
    gguf = [file for file in files if file.name.lower().endswith(".gguf")]
    projectors = [file for file in gguf if is_projector(file.name)]
    others = [file for file in gguf if file not in projectors and not _HELPER.search(PurePosixPath(file.name).stem)]
    found = [ModelFiles(parts, _projector(parts[0], projectors)) for parts in _whole(others)]
    return sorted(found, key=lambda model: model.size_bytes)


def best_fitting(models: Sequence[ModelFiles], machine: Machine, wanted: str = "") -> ModelFiles | None:
    """Return the model with the wanted quantisation, else the one that suits a machine best; None where none does."""
    if named := [model for model in models if wanted and model.quantisation == wanted]:
        return named[0]
    able = [one for one in models if machine.has_memory(one.memory_bytes) and one.size_bytes < machine.free_disk_bytes]
    for quantisation in _PREFERRED:
        if of_it := [one for one in able if one.quantisation == quantisation]:
            return of_it[-1]
    return able[-1] if able else None


def _whole(files: Iterable[RemoteFile]) -> Iterator[tuple[RemoteFile, ...]]:
    """Yield files that are a model each, and the parts of those that have some."""
    parted: dict[tuple[str, str], dict[int, RemoteFile]] = defaultdict(dict)
    for file in files:
        path = PurePosixPath(file.name)
        if part := _PART.match(path.stem):
            parted[str(path.with_name(part["stem"])), part["count"]][int(part["number"])] = file
        else:
            yield (file,)
    for (_, count), parts in parted.items():
        if sorted(parts) == list(range(1, int(count) + 1)):
            yield tuple(parts[number] for number in sorted(parts))


def _projector(model: RemoteFile, projectors: Sequence[RemoteFile]) -> RemoteFile | None:
    """Return what makes a model see: a file beside it, else one at the top; the smaller ones see as well."""
    folder = PurePosixPath(model.name).parent
    beside = [one for one in projectors if PurePosixPath(one.name).parent == folder]
    found = beside or [one for one in projectors if PurePosixPath(one.name).parent == PurePosixPath(".")]
    order = {name: place for place, name in enumerate(_PROJECTORS)}
    return min(found, key=lambda one: order.get(quantisation_of(one.name), len(order)), default=None)
