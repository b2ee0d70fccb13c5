"""Models on this machine: the embedded one, which starts when it is first needed, and Ollama, where it runs."""

import time
from contextlib import suppress
from dataclasses import replace
from threading import Thread

import httpx

from model.embedded import EMBEDDED_MODELS, EmbeddedModel, embedded_model
from model.errors import ProviderUnreachable
from model.provider import EMBEDDED, Provider
from settings import Settings
from utils.http_line import get
from utils.local_server import LocalServer, Sampling

PROBE_TIMEOUT_S = 2.0
PROBE_KEPT_S = 30


class LocalModels:
    """What this machine itself offers."""

    def __init__(self, settings: Settings) -> None:
        path, window = settings.local_model_path, settings.llm_context_window
        if path:  # what a person brings is larger, and needs no help
            window = window or EMBEDDED.context_window
            self.embedded = replace(EMBEDDED, context_window=window, default_model=path.stem, primer=(), is_small=False)
            self._server = LocalServer(path, window, path.stem)
        else:
            model = embedded_model(settings.embedded_model)
            self.embedded = _row(model, min(window or model.context_window, model.most_context))
            self._server = LocalServer(model.path, self.embedded.context_window, model.title, _sampling(model))
        self.problem = "" if path else _problem(settings.embedded_model)
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
                "Run “make install” once more, or set LOCAL_MODEL_PATH to a GGUF file, or add a key.",
            ) from error

    def warm(self) -> None:
        """Start the embedded model, and let it read what stands before every conversation, so that it need not later.

        What goes wrong is told by the first question.
        """
        with suppress(ProviderUnreachable, httpx.HTTPError):
            rows = [{"role": role, "content": content} for role, content in self.embedded.primer]
            body = {"messages": [*rows, {"role": "user", "content": "Hello"}], "max_tokens": 1}
            address = f"{self.start_embedded()}/chat/completions"
            httpx.post(address, json=body, headers={"Authorization": f"Bearer {self.key}"}, trust_env=False, timeout=60)

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


def _row(model: EmbeddedModel, window: int) -> Provider:
    """Return the embedded provider's row for a model of the table."""
    return replace(EMBEDDED, context_window=window, default_model=model.title, primer=model.primer)


def _sampling(model: EmbeddedModel) -> Sampling:
    return Sampling(model.temperature, model.dry_multiplier, model.dry_allowed_length, model.most_tokens)


def _problem(wanted: str) -> str:
    """Return why another model answers than the one that EMBEDDED_MODEL names; empty where that one does."""
    found = embedded_model(wanted)
    if not wanted or found.name == wanted:
        return ""
    names = [model.name for model in EMBEDDED_MODELS]
    if wanted not in names:
        return f"EMBEDDED_MODEL must be one of {', '.join(names)}, but is “{wanted}”; {found.name} is used."
    return f"EMBEDDED_MODEL is {wanted}, whose file is not here yet: run “make install”. {found.title} answers."
