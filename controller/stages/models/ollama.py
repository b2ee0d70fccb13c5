"""Ollama's own models: which it has, one more by its name, one less.

Source: https://github.com/ollama/ollama/blob/main/docs/api.md
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from controller.stages.models.downloads import Told
from model.errors import DownloadFailed, InputError
from model.providers.provider import PROVIDERS
from settings import Settings
from utils.net.client import CancellableClient
from utils.net.error_bodies import message_of
from utils.net.proxies import BadProxy, proxy_for
from utils.threads.stop import CancellationToken

TIMEOUT_S = 5.0
PULL_TIMEOUT_S = 600.0  # it says nothing while it checks what it has fetched
MOST_TOLD = 300
_is_name = re.compile(r"\w[\w.-]*(:\d+)?(/\w[\w.-]*)*(:[\w.-]+)?", re.ASCII).fullmatch
SILENT = "Ollama does not answer."


@dataclass(frozen=True)
class OllamaModel:
    """A model that Ollama has."""

    name: str
    size_bytes: int
    parameters: str = ""  # how many, such as 4.0B
    quantisation: str = ""


@dataclass(frozen=True)
class Ollama:
    """A server of Ollama; `url` is without the path of the OpenAI protocol."""

    url: str

    def models(self) -> list[OllamaModel]:
        """Return what it has. Raises: DownloadFailed."""
        with told_ollama_errors(), self._line(TIMEOUT_S) as line:
            answer = line.client.get(f"{self.url}/api/tags")
            _check(answer)
            rows = answer.json()["models"]
            return [_model(row) for row in rows]

    def delete(self, name: str) -> None:
        """Delete a model. Raises: DownloadFailed."""
        with told_ollama_errors(), self._line(TIMEOUT_S) as line:
            answer = line.client.request("DELETE", f"{self.url}/api/delete", json={"model": name})
            if answer.status_code != 404:  # it is gone
                _check(answer)

    def pull(self, name: str, stop: CancellationToken) -> Iterator[dict[str, Any]]:
        """Yield what it tells while it fetches a model.

        Raises: DownloadFailed; InterruptedError when `stop` is set.
        """
        with told_ollama_errors(), self._line(PULL_TIMEOUT_S) as line:
            stop.when_set(line.cut)
            try:
                with line.client.stream("POST", f"{self.url}/api/pull", json={"model": name}) as answer:
                    if answer.is_error:
                        answer.read()
                    _check(answer)
                    for text in answer.iter_lines():
                        yield _told(json.loads(text))
            except httpx.HTTPError as error:
                if stop.is_set:
                    raise InterruptedError from error
                raise

    @contextmanager
    def _line(self, timeout_s: float) -> Iterator[CancellableClient]:
        line = CancellableClient(timeout_s, False, proxy_for(self.url))
        with line.client:
            yield line


@dataclass
class OllamaSource:
    """A model that Ollama fetches into its own place; what has come so far it keeps by itself."""

    ollama: Ollama
    name: str
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)  # done and whole, of each layer

    def __post_init__(self) -> None:
        if not _is_name(self.name) or len(self.name) > 200:
            raise InputError(f"“{self.name[:200]}” is no name of a model.", "Such as qwen3:4b.")
        self.key = f"ollama/{self.name}"
        self.title = f"Ollama: {self.name}"

    def fetch(self, told: Told, stop: CancellationToken) -> None:
        """Let Ollama fetch it. Raises: DownloadFailed; InterruptedError when `stop` is set."""
        self.sizes.clear()
        row: dict[str, Any] = {}
        for row in self.ollama.pull(self.name, stop):
            if isinstance(row.get("total"), int):
                self.sizes[str(row.get("digest"))] = int(row.get("completed") or 0), row["total"]
                told(*(sum(sizes) for sizes in zip(*self.sizes.values(), strict=True)))
        if row.get("status") != "success":
            raise DownloadFailed("Ollama has stopped before the model was whole.", wait_s=0.0)

    def forget(self) -> None:
        """Do nothing: there is no way to tell Ollama so, which removes halves when it is started next."""


def ollama_of(settings: Settings) -> Ollama:
    """Return the Ollama that bnaGPT talks to."""
    row = next(row for row in PROVIDERS if row.name == "ollama")
    url = settings.provider_values.get(row.base_url_variable, row.base_url)
    return Ollama(re.sub(r"/(v1|api)$", "", url.rstrip("/")))


@contextmanager
def told_ollama_errors() -> Iterator[None]:
    """Tell an error of the block in a sentence. Raises: DownloadFailed."""
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL, BadProxy) as error:
        raise DownloadFailed(SILENT, "Start it, and look at OLLAMA_BASE_URL.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DownloadFailed("What answers at Ollama's address is not Ollama.", "Look at OLLAMA_BASE_URL.") from error


def _check(answer: httpx.Response) -> None:
    if answer.is_error:
        said = message_of(answer.text)[:MOST_TOLD].rstrip(".")
        raise DownloadFailed(f"Ollama refuses: {said or f'status {answer.status_code}'}.")


def _told(row: Any) -> dict[str, Any]:
    """Return a line of the stream. Raises: DownloadFailed for one that tells an error."""
    told = dict(row)
    if said := str(told.get("error") or ""):
        raise DownloadFailed(f"Ollama says: {said[:MOST_TOLD].rstrip('.')}.", "Look at the model's name on ollama.com.")
    return told


def _model(row: dict[str, Any]) -> OllamaModel:
    details = row.get("details") or {}
    told = [str(details.get(name) or "") for name in ("parameter_size", "quantization_level")]
    return OllamaModel(str(row["name"]), int(row.get("size") or 0), *told)
