"""The models on this machine: which there are, one of them running at a time, and a look at Ollama.

Whoever asks another model than the one that runs waits until the answers of that one have ended; then its process ends,
which frees its memory, and the other is loaded.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from threading import Condition, Thread

import httpx

from controller.llm.discovery.local_files import LocalModel, default_model, local_models
from controller.llm.providers import ModelsHere
from model.errors import ModelNotFound, ProviderUnreachable
from model.providers.embedded import EMBEDDED_MODELS, embedded_model
from model.providers.provider import LocalState, Provider
from settings import Settings
from utils.local_models.server import LocalServer
from utils.net.client import get

PROBE_TIMEOUT_S = 2.0
PROBE_KEPT_S = 30
LOOK_UP_S = 0.2  # how often who waits for a model looks whether that is still wanted
MEND = "Run “make install” once more, or set LOCAL_MODEL_PATH to a GGUF file, or add a key."

# The model that is answering for this thread, or for the turn whose tool this is.
_answering: ContextVar[str] = ContextVar("answering", default="")


class LocalModels(ModelsHere):
    """The servers of the models on this machine, of which one runs at a time, and a look at Ollama."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._default = default_model(settings)
        self.embedded = self._default.row
        self._changed = Condition()
        self._servers: dict[str, LocalServer] = {}
        self._running = self._server_of(self._default)
        self._answer_count = 0  # of the model that runs
        self._picked: set[str] = set()  # models that are being started, or wait for that
        self.problem = "" if settings.local_model_path else _problem(settings.embedded_model)
        self._ollama_asked_at = -float(PROBE_KEPT_S)
        self._ollama_answers = False
        self.ollama_problem = ""  # only where the settings say that it is there

    @property
    def models(self) -> list[LocalModel]:
        return local_models(self._settings)

    @property
    def rows(self) -> dict[str, Provider]:
        """Return what each model that can be used is, by its name."""
        return {self._default.title: self.embedded} | {one.title: one.row for one in self.models if not one.problem}

    @property
    def problems(self) -> list[str]:
        """Return why files that look like models can't be used, a sentence each."""
        return [one.problem for one in self.models if one.problem and one.title != self._default.title]

    def row(self, model_name: str) -> Provider:
        """Return what a model is and can do; the default where it is not here."""
        return self.rows.get(model_name, self.embedded)

    def place(self, model_name: str) -> tuple[str, str]:
        """Return where a model answers once it runs, and the key.

        Raises: ModelNotFound when it is not here, ProviderUnreachable when it can't be used.
        """
        model = self._model(model_name)
        if model.problem:
            raise ProviderUnreachable(f"The embedded model could not be loaded: {model.problem}", MEND)
        server = self._server_of(model)
        return server.base_url, server.key

    def state(self, model_name: str) -> LocalState:
        """Return how far a model is, and about how much memory it takes."""
        model = self._model(model_name)
        server = self._server_of(model)
        with self._changed:
            is_held = self._running is not server and self._answer_count > 0
            waits_for = self._running.model_name if is_held else ""
        is_loading = not server.is_running and (server.is_loading or model.title in self._picked)
        return LocalState(server.is_running, is_loading, model.memory_bytes, waits_for)

    @contextmanager
    def running(self, model_name: str, is_wanted: Callable[[], bool] = lambda: True) -> Iterator[None]:
        """Let a model run as long as the block takes: one answer.

        Raises: ProviderUnreachable when it can't be loaded, or is no longer wanted before its turn has come.
        """
        model = self._model(model_name)
        server = self._server_of(model)
        self._take_turn(server, is_wanted)
        token = _answering.set(server.model_name)
        try:
            self._start(server)
            yield
        finally:
            _answering.reset(token)
            with self._changed:
                self._answer_count -= 1
                self._changed.notify_all()

    def _take_turn(self, server: LocalServer, is_wanted: Callable[[], bool]) -> None:
        """Wait until the answers of the model that runs have ended, let it go, and count one of this."""
        with self._changed:
            while self._running is not server and self._answer_count:
                if _answering.get() == self._running.model_name:  # it would wait for itself
                    raise ProviderUnreachable(
                        f"{server.model_name} can't answer while {self._running.model_name} does.",
                        "One model of this computer runs at a time: let one model do both.",
                    )
                if not is_wanted():
                    raise ProviderUnreachable(f"{self._running.model_name} is still answering.", "Try again.")
                self._changed.wait(LOOK_UP_S)
            if self._running is not server:
                self._running.stop()
                self._running = server
            self._answer_count += 1

    def _start(self, server: LocalServer) -> None:
        """Start a model. Raises: ProviderUnreachable."""
        try:
            server.start()
        except (OSError, RuntimeError) as error:
            why = "" if isinstance(error, FileNotFoundError) else " Perhaps the file is damaged, or memory is short."
            raise ProviderUnreachable(
                f"The embedded model could not be loaded from {server.model_path}.{why}", MEND
            ) from error

    def start(self, model_name: str = "") -> None:
        """Start a model in the background, because it will be asked; what goes wrong is told by the first question."""
        name = model_name or self._default.title
        self._picked.add(name)
        Thread(target=self._warm, args=(name,), daemon=True).start()

    def _warm(self, name: str) -> None:
        """Start a model, and let it read what stands before every conversation, so that it need not later."""
        with suppress(ProviderUnreachable, ModelNotFound, httpx.HTTPError):
            rows = [{"role": role, "content": content} for role, content in self.row(name).primer]
            body = {"messages": [*rows, {"role": "user", "content": "Hello"}], "max_tokens": 1}
            url, key = self.place(name)
            with self.running(name):
                address, headers = f"{url}/chat/completions", {"Authorization": f"Bearer {key}"}
                httpx.post(address, json=body, headers=headers, trust_env=False, timeout=60)
        self._picked.discard(name)

    def _model(self, name: str) -> LocalModel:
        """Return a model by its name. Raises: ModelNotFound."""
        if not name or name == self._default.title:
            return self._default
        found = next((one for one in self.models if one.title == name), None)
        if found is None:
            raise ModelNotFound(f"“{name}” is not on this computer any more.", "Pick another model.")
        return found

    def _server_of(self, model: LocalModel) -> LocalServer:
        """Return a model's server, made once; anew where its file was exchanged for another kind."""
        how = (model.path, model.row.context_window, model.title, model.sampling, model.projector, model.slots)
        key = repr(how)
        with self._changed:
            if key not in self._servers:
                self._servers[key] = LocalServer(*how)
            return self._servers[key]

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
        silent = "Ollama does not answer at the address that OLLAMA_BASE_URL names."
        self.ollama_problem = silent if is_named and not self._ollama_answers else ""


def _problem(wanted: str) -> str:
    """Return why another model answers than the one that EMBEDDED_MODEL names; empty where that one does."""
    found = embedded_model(wanted)
    if not wanted or found.name == wanted:
        return ""
    names = [model.name for model in EMBEDDED_MODELS]
    if wanted not in names:
        return f"EMBEDDED_MODEL must be one of {', '.join(names)}, but is “{wanted}”; {found.name} is used."
    return f"EMBEDDED_MODEL is {wanted}, whose file is not here yet: run “make install”. {found.title} answers."
