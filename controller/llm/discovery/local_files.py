"""The GGUF files on this machine that can answer, and what each can do, as its header tells.

They are those that come with bnaGPT, what LOCAL_MODEL_PATH names, what lies in `.models`, and what was fetched from
Hugging Face (`hub_folder`). A file that can't be read is told by name, and the others go on.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from model.providers import embedded
from model.providers.embedded import EMBEDDED_MODELS, EmbeddedModel, embedded_model
from model.providers.local_models.installed import hub_folder
from model.providers.local_tools import is_trusted_with_tools
from model.providers.provider import EMBEDDED, Provider
from settings import Settings
from utils.local_models.gguf import GgufHeader, read_header
from utils.local_models.machine import free_memory_bytes
from utils.local_models.server import SLOTS, Sampling

SMALL_PARAMETERS = 1_500_000_000  # a model with fewer is often wrong
LEAST_WINDOW = 2048  # tokens; with fewer no question fits
ROOM = 0.8  # how much of the memory that is free a model may take
_LATER_PART = re.compile(r"-0*(?!0*1-)\d+-of-\d+\.gguf$")
_ENDING = re.compile(r"(-0*1-of-\d+)?\.gguf$", re.IGNORECASE)


@dataclass(frozen=True)
class LocalModel:
    """One file: who answers with it, and how it is run; `problem` tells in a sentence why it can't be."""

    row: Provider
    path: Path
    sampling: Sampling | None = None
    projector: Path | None = None
    slots: int = SLOTS
    memory_bytes: int = 0  # what it takes, about
    problem: str = ""

    @property
    def title(self) -> str:
        return self.row.default_model


def default_model(settings: Settings) -> LocalModel:
    """Return the model that answers where nobody has chosen another."""
    path = settings.local_model_path
    if path and path.is_dir():
        fitting = [one for one in _of_files(sorted(path.glob("*.gguf")), settings) if not one.problem]
        return fitting[0] if fitting else _of_file(path, path.name, settings)
    return (
        _of_file(path, path.stem, settings) if path else _of_embedded(embedded_model(settings.embedded_model), settings)
    )


def local_models(settings: Settings) -> list[LocalModel]:
    """Return all models whose files are here, the default first; those that can't be used come last."""
    first = default_model(settings)
    own = [_of_embedded(model, settings) for model in EMBEDDED_MODELS if model.is_here]
    known = {one.path.resolve() for one in (first, *own)}
    others = [path for path in _paths(settings) if path.resolve() not in known]
    rows = {one.title: one for one in [*_of_files(others, settings), *reversed(own), first]}  # the first has its name
    return sorted(rows.values(), key=lambda one: (one != first, bool(one.problem), one not in own, one.title.lower()))


def _paths(settings: Settings) -> Iterator[Path]:
    """Yield the files that are perhaps models, with no later parts of one, and nothing that helps another to see."""
    named = settings.local_model_path
    found = [*embedded.FOLDER.glob("*.gguf"), *hub_folder(settings).rglob("*.gguf")]
    found += named.glob("*.gguf") if named and named.is_dir() else []
    for path in sorted(found):
        if not path.name.lower().startswith("mmproj") and not _LATER_PART.search(path.name) and path.is_file():
            yield path


def _of_files(paths: list[Path], settings: Settings) -> Iterator[LocalModel]:
    """Yield the models of files; two of the same name are told apart by their folders."""
    names = [_ENDING.sub("", path.name) for path in paths]
    for path, name in zip(paths, names, strict=True):
        model = _of_file(path, name if names.count(name) == 1 else f"{path.parent.name}/{name}", settings)
        if model.problem or _header(path).chats:
            yield model


def _of_embedded(model: EmbeddedModel, settings: Settings) -> LocalModel:
    window = min(settings.llm_context_window or model.context_window, model.most_context)
    tools = is_trusted_with_tools(model.title, True, is_small=True)
    row = replace(
        EMBEDDED, context_window=window, default_model=model.title, primer=model.primer, has_tools=tools, is_small=True
    )
    sampling = Sampling(model.temperature, model.dry_multiplier, model.dry_allowed_length, model.most_tokens)
    return LocalModel(row, model.path, sampling, memory_bytes=_memory(model.path, window))


def _of_file(path: Path, title: str, settings: Settings) -> LocalModel:
    """Return the model that a file holds; what a person brings is told nothing before a conversation."""
    window = settings.llm_context_window or EMBEDDED.context_window
    row = replace(EMBEDDED, context_window=window, default_model=title, primer=(), is_small=False)
    if path.is_dir():
        return LocalModel(row, path, problem=f"There is no model that can be used in “{path}”.")
    try:
        header = _header(path)
    except FileNotFoundError:
        return LocalModel(row, path, problem=f"“{path}” is not there.")
    except (OSError, ValueError) as error:
        reason = error.strerror or "it can't be read" if isinstance(error, OSError) else str(error)
        return LocalModel(row, path, problem=f"“{path.name}” can't be used: {reason}.")
    return _fitted(LocalModel(row, path), header)


def _fitted(model: LocalModel, header: GgufHeader) -> LocalModel:
    """Return a model with what its header says of it, and with as wide a window as the memory allows."""
    size_bytes = _size_bytes(model.path, header)
    most = _tokens_that_fit(header, size_bytes, _free_bytes(model.path))
    wanted = min(model.row.context_window, header.context_length or model.row.context_window)
    slots = SLOTS if most >= wanted * SLOTS else 1
    window = max(min(wanted, most // slots), min(wanted, LEAST_WINDOW))
    is_small = header.parameter_count < SMALL_PARAMETERS
    projector = (
        next(iter(sorted(model.path.parent.glob("mmproj*.gguf"))), None) if _has_own_folder(model.path) else None
    )
    row = replace(
        model.row,
        context_window=window,
        is_small=is_small,
        has_tools=is_trusted_with_tools(model.title, header.knows_tools, is_small),
        may_see=projector is not None,
        has_eyes=projector is not None,
    )
    memory_bytes = size_bytes + header.kv_bytes(window * slots)
    return replace(model, row=row, projector=projector, slots=slots, memory_bytes=memory_bytes)


def _has_own_folder(path: Path) -> bool:
    """Return whether what lies beside a file belongs to it: in `.models` itself many models may lie."""
    return path.parent.resolve() != embedded.FOLDER.resolve()


@lru_cache(maxsize=200)
def _free_bytes(_path: Path) -> int | None:
    """Return the memory that was free when a file was first looked at: a window must not change with each look."""
    return free_memory_bytes()


def _tokens_that_fit(header: GgufHeader, size_bytes: int, free_bytes: int | None) -> int:
    """Return how many tokens can be remembered beside the weights; very many where that is not known."""
    a_token = header.kv_bytes(1)
    if free_bytes is None or not a_token:
        return 1 << 40
    return max(0, int(free_bytes * ROOM) - size_bytes) // a_token


def _size_bytes(path: Path, header: GgufHeader) -> int:
    """Return the size of all parts of a model."""
    if header.part_count < 2:
        return path.stat().st_size
    stem = re.sub(r"-\d+-of-\d+\.gguf$", "", path.name)
    return sum(part.stat().st_size for part in path.parent.glob(f"{stem}-*-of-*.gguf"))


def _memory(path: Path, window: int) -> int:
    try:
        return path.stat().st_size + _header(path).kv_bytes(window * SLOTS)
    except (OSError, ValueError):  # whoever starts it is told
        return 0


def _header(path: Path) -> GgufHeader:
    """Return a file's header. Raises: OSError, ValueError."""
    status = os.stat(path)
    return _read(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=200)
def _read(path: Path, _changed_ns: int, _size_bytes: int) -> GgufHeader:
    return read_header(path)
