"""The library of local models: what can be fetched, what is being fetched, and what is here.

There is one for the whole machine. Where people sign in, it is only looked at: nobody fills the disk of another.
"""

from dataclasses import dataclass

from controller.resources import Resources, built_per_process
from controller.stages.models.downloads import Download, Downloads
from controller.stages.models.hub_source import HubSource, interrupted, look
from controller.stages.models.ollama import OllamaSource, ollama_of
from model.errors import InputError, StoreUnwritable
from model.providers.local_models.catalogue import CatalogueRow, Machine
from model.providers.local_models.files import ModelFiles, best_fitting, models_in
from model.providers.local_models.installed import InstalledModel, hub_folder, hub_of, installed, remove_files
from settings import Settings
from utils.local_models.machine import core_count, free_disk_bytes, memory_bytes


@dataclass(frozen=True)
class Listing:
    """The models of a repository, and which of them suits this machine best."""

    repository: str
    licence: str
    models: tuple[ModelFiles, ...]
    best: ModelFiles | None


class ModelLibrary:
    """The local models of this machine."""

    def __init__(self, settings: Settings) -> None:
        self.folder = hub_folder(settings)
        self.hub = hub_of(settings)
        self.ollama = ollama_of(settings)
        self.may_change = not settings.sign_in.kind
        self.downloads = Downloads()
        for found in interrupted(self.hub, self.folder):
            self.downloads.add(found)

    def machine(self) -> Machine:
        return Machine(memory_bytes(), free_disk_bytes(self.folder), core_count())

    def installed(self) -> list[InstalledModel]:
        return installed(self.folder)

    def has(self, repository: str, quantisation: str) -> bool:
        """Return whether a model of the short list is here."""
        here = [one for one in self.installed() if one.repository == repository]
        return any(quantisation.lower() in one.path.name.lower() for one in here)

    def look(self, repository: str) -> Listing:
        """Return the models of a repository on Hugging Face, by its name or its address.

        Raises: DownloadFailed, InputError when it has none.
        """
        name = repository.strip().removeprefix("https://huggingface.co/").strip("/")
        found = look(self.hub, name)
        models = models_in(found.files)
        if not models:
            raise InputError(
                f"“{name}” has no GGUF file.", "Models that run here are in repositories whose names end with GGUF."
            )
        return Listing(name, found.licence, tuple(models), best_fitting(models, self.machine()))

    def fetch_row(self, row: CatalogueRow) -> Download:
        """Fetch a model of the short list, as its repository has it now. Raises: DownloadFailed, InputError."""
        self._check()
        listing = self.look(row.repository)
        wanted = best_fitting(listing.models, self.machine(), row.quantisation) or listing.models[0]
        return self.fetch(listing.repository, wanted)

    def fetch(self, repository: str, model: ModelFiles) -> Download:
        """Put a model into the queue. Raises: DownloadFailed, InputError."""
        self._check()
        source = HubSource(self.hub, self.folder, repository, model.name)
        source.check_room(model)
        source.note(model)
        download = Download(source, size_bytes=model.size_bytes)
        self.downloads.add(download)
        return download

    def pull(self, name: str) -> Download:
        """Let Ollama fetch a model. Raises: InputError."""
        self._check()
        download = Download(OllamaSource(self.ollama, name.strip()))
        self.downloads.add(download)
        return download

    def delete(self, model: InstalledModel) -> None:
        """Delete a model that is here. Raises: InputError, StoreUnwritable."""
        self._check()
        try:
            remove_files(model.files, self.folder)
        except OSError as error:
            text = f"{model.path.name} can't be deleted: {error.strerror or error}."
            raise StoreUnwritable(text, "Look at the folder's permissions.") from error

    def delete_from_ollama(self, name: str) -> None:
        """Delete one of Ollama's models. Raises: DownloadFailed, InputError."""
        self._check()
        self.ollama.delete(name)

    def _check(self) -> None:
        if not self.may_change:
            raise InputError(
                "Models are fetched and deleted by whoever runs bnaGPT.", "Ask them for the one that you want."
            )


@built_per_process
def models_of(resources: Resources) -> ModelLibrary:
    return ModelLibrary(resources.settings)
