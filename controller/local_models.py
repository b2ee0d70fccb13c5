"""Models on this machine: the embedded one, which starts when it is first needed, and Ollama, where it runs."""

import time
from dataclasses import replace
from threading import Thread

import httpx

from model.errors import ProviderUnreachable
from model.provider import EMBEDDED
from settings import Settings
from utils.http_line import get
from utils.local_server import PACKAGED_MODEL, LocalServer

PROBE_TIMEOUT_S = 2.0
PROBE_KEPT_S = 30


class LocalModels:
    """What this machine itself offers."""

    def __init__(self, settings: Settings) -> None:
        path, window = settings.local_model_path, settings.llm_context_window or EMBEDDED.context_window
        name = path.stem if path else EMBEDDED.default_model
        # The primer is for the packaged model alone: a larger one needs none.
        primer = () if path else EMBEDDED.primer
        self.embedded = replace(EMBEDDED, context_window=window, default_model=name, primer=primer)
        self._server = LocalServer(path or PACKAGED_MODEL, window, name)
        self._ollama_asked_at = -float(PROBE_KEPT_S)
        self._ollama_answers = False
        self.ollama_problem = ""  # only where the settings say that it is there

    @property
    def key(self) -> str:
        """Return the key of the embedded model's server."""
        return self._server.key

    def start_embedded(self) -> str:
        """Return the base URL of the embedded model's server, which is started if need be.

        Raises: ProviderUnreachable when the model can't be loaded.
        """
        try:
            return self._server.start()
        except (OSError, RuntimeError, ImportError) as error:
            raise ProviderUnreachable(
                f"The embedded model could not be loaded from {self._server.model_path}.",
                "Run “make install” once more, or set LOCAL_MODEL_PATH to a GGUF file, or bring a key.",
            ) from error

    def has_ollama(self, base_url: str, is_named: bool = False) -> bool:
        """Whether Ollama listens, as far as is known; looked up in the background, every half minute.

        Where it is named in the settings and does not answer, `ollama_problem` says so.
        """
        if time.monotonic() - self._ollama_asked_at >= PROBE_KEPT_S:
            self._ollama_asked_at = time.monotonic()
            Thread(target=self._probe_ollama, args=(base_url, is_named), daemon=True).start()
        return self._ollama_answers

    def _probe_ollama(self, base_url: str, is_named: bool) -> None:
        try:
            self._ollama_answers = get(f"{base_url}/models", PROBE_TIMEOUT_S).is_success
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            self._ollama_answers = False
        silent = f"Ollama does not answer at {base_url}, which OLLAMA_BASE_URL names."
        self.ollama_problem = silent if is_named and not self._ollama_answers else ""
