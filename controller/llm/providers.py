"""Providers: who can answer here and now.

The table of rows is `model/providers/provider.py`; this adds what only this machine knows: which keys are set, whether
Ollama is running, and the embedded model's server.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import replace
from typing import Protocol

from controller.llm.error_mapping import missing_key, translated, unusable_key
from model.errors import BnaError, ModelNotFound, ProviderUnreachable
from model.providers.provider import PROVIDERS, Dialect, Endpoint, LocalState, ModelList, Provider, provider_variables
from settings import Settings, problem_with, unusable_character
from utils.net.client import CancellableClient, ClientPool
from utils.net.typed_address import is_web_address


class ModelsHere(Protocol):
    """What this machine itself offers: the embedded model, and Ollama where it runs."""

    embedded: Provider  # the one that answers where nobody has chosen
    problem: str  # with the embedded model that was asked for
    ollama_problem: str

    @property
    def rows(self) -> Mapping[str, Provider]:
        """Return what each model that can be used is, by its name."""

    @property
    def problems(self) -> list[str]:
        """Return why files that look like models can't be used, a sentence each."""

    def row(self, model_name: str) -> Provider:
        """Return what a model is and can do; the default where it is not here."""

    def place(self, model_name: str) -> tuple[str, str]:
        """Return where a model answers once it runs, and the key.

        Raises: ModelNotFound when it is not here, ProviderUnreachable when it can't be used.
        """

    def state(self, model_name: str) -> LocalState:
        """Return how far a model is. Raises: ModelNotFound."""

    def running(self, model_name: str, is_wanted: Callable[[], bool]) -> AbstractContextManager[None]:
        """Let a model run as long as the block takes. Raises: ProviderUnreachable when it can't be loaded."""

    def start(self, model_name: str = "") -> None:
        """Start a model in the background, before anybody asks."""

    def has_ollama(self, base_url: str, is_named: bool = False) -> bool:
        """Whether Ollama listens, as far as is known."""


class KnownModels(Protocol):
    """Which models each provider serves."""

    def known(self, endpoint: Endpoint) -> ModelList:
        """Return what is known without waiting."""

    def refresh(self, endpoint: Endpoint) -> ModelList:
        """Ask the provider now."""

    def forget(self) -> None:
        """Forget all: another key, or another address, may have others."""


# What may change while bnaGPT runs; all else is built upon as it was at the start.
LIVE = ("llm_provider", "llm_model", "provider_values", "auto_titles", "ask_before_tools", "problems", "env_stamp")


class Providers:
    """What the settings make of the table of providers; `build_providers` of `discovery.py` makes one."""

    def __init__(self, settings: Settings, local: ModelsHere, lists: KnownModels) -> None:
        self._settings = settings
        self.lists = lists
        self._dialects: dict[tuple[str, str], Dialect] = {}
        self.lines = ClientPool()
        self.refused_forms: set[str] = set()  # of answers in JSON, so that no later turn loses a request to them
        self.local = local
        self.embedded = local.embedded

    @property
    def settings(self) -> Settings:
        """Return the settings, with what was changed in `.env` meanwhile: at a page, by hand, by another process."""
        if (known := self._settings).is_stale:
            fresh = Settings.load(known.env_file)
            self._settings = replace(known, **{name: getattr(fresh, name) for name in LIVE})
            self.lists.forget()
        return self._settings

    @contextmanager
    def line(self, endpoint: Endpoint, is_wanted: Callable[[], bool] = lambda: True) -> Iterator[CancellableClient]:
        """Lend a line to an endpoint; a model on this machine is started first, as long as that `is_wanted`.

        Raises: ProviderError where the environment lets none be made, as with a proxy that can't be used, or where the
        model can't be started.
        """
        with ExitStack() as stack:
            if endpoint.provider.is_built_in:
                stack.enter_context(self.local.running(endpoint.model_name, is_wanted))
            with translated(endpoint):
                line = stack.enter_context(self.lines.line(endpoint.base_url, endpoint.timeout_s))
            yield line

    @property
    def problems(self) -> list[str]:
        """Return what is wrong with the settings, a sentence each."""
        named = {"LLM_PROVIDER": self.settings.llm_provider, "VISION_PROVIDER": self.settings.vision_provider}
        unknown = [
            f"{name} is “{wanted}”, which is no provider; {self.default.title} is used."
            for name, wanted in named.items()
            if wanted and wanted not in [row.name for row in PROVIDERS]
        ]
        values = self.settings.provider_values
        wrong = (problem_with(one.name, values.get(one.name, "")) for one in provider_variables())
        told = filter(None, (*wrong, self.local.problem, *self.local.problems, self.local.ollama_problem))
        return [*self.settings.problems, *unknown, *told]

    @property
    def configured(self) -> list[Provider]:
        """Return the providers that have a key or an address of their own, then the embedded one."""
        values = self.settings.provider_values
        rows = [row for row in PROVIDERS if row.needs_key and row.key_variable in values]
        named = [row for row in PROVIDERS if not row.base_url and row.base_url_variable in values]
        return [*rows, *named, self.embedded]

    @property
    def default(self) -> Provider:
        """Return the provider that LLM_PROVIDER names, or the first with a key, or the embedded one."""
        rows = [self.embedded, *PROVIDERS[1:]]
        return next((row for row in rows if row.name == self.settings.llm_provider), self.configured[0])

    def named(self, name: str | None) -> Provider:
        """Return the provider with this name, or the default."""
        return next((row for row in (self.embedded, *PROVIDERS[1:]) if row.name == name), self.default)

    @property
    def moved(self) -> frozenset[str]:
        """Return the names of providers that the settings look for at another address, where prices are unknown."""
        values = self.settings.provider_values
        urls = [(row, values.get(row.base_url_variable, row.base_url)) for row in PROVIDERS]
        return frozenset(row.name for row, url in urls if url.rstrip("/") not in row.base_url)

    def offered(self) -> list[Provider]:
        """Return the providers to choose from: the configured ones, the default, and Ollama where it runs."""
        ollama = [row for row in PROVIDERS if row.name == "ollama" and self._has_ollama(row)]
        return list(dict.fromkeys([self.default, *self.configured, *ollama]))

    def _has_ollama(self, row: Provider) -> bool:
        """Whether Ollama listens, as far as is known."""
        is_named = row.base_url_variable in self.settings.provider_values
        with suppress(ProviderUnreachable):  # no address: the settings tell it
            return self.local.has_ollama(self._base_url(row), is_named)
        return False

    def endpoint(self, provider: Provider | None = None, model_name: str = "") -> Endpoint:
        """Return where a request goes; without arguments, to the default provider and model.

        Raises: MissingKey, ProviderUnreachable.
        """
        endpoint = self._settled(provider or self.default, model_name)
        if not endpoint.key and endpoint.provider.needs_key:
            raise missing_key(endpoint)
        if unusable_character(endpoint.key):
            raise unusable_key(endpoint)
        if not endpoint.model_name:
            listed = self.lists.refresh(endpoint)
            if endpoint.provider.name == "ollama" and not listed.context_windows and not listed.problem:
                raise ModelNotFound("Ollama has no models yet.", "Fetch one: run “ollama pull qwen3” in a terminal.")
            endpoint = self._settled(endpoint.provider, next(iter(listed.context_windows), "default"))
        return endpoint

    def models(self, provider: Provider) -> ModelList:
        """Return the models that a provider serves, as far as is known by now."""
        if provider.is_built_in:
            return ModelList({name: row.context_window for name, row in self.local.rows.items()})
        try:
            return self.lists.known(self._settled(provider, ""))
        except BnaError as error:
            return ModelList(problem=error.message)

    def refresh_models(self, provider: Provider) -> None:
        """Ask a provider for its models now."""
        if provider.is_built_in:  # they are looked for each time
            return
        with suppress(BnaError):  # told by `models`
            self.lists.refresh(self._settled(provider, ""))

    def default_model(self, provider: Provider) -> str:
        """Return the model that LLM_MODEL names, else the provider's default; empty where it has none."""
        chosen = self.settings.llm_model if provider.name == self.default.name else ""
        if provider.is_built_in and chosen not in self.local.rows:
            return self.embedded.default_model
        return chosen or provider.default_model

    def row_of(self, provider: Provider, model_name: str) -> Provider:
        """Return what a provider's model can do; models on this machine differ in that."""
        return self.local.row(model_name or self.default_model(provider)) if provider.is_built_in else provider

    def state(self, endpoint: Endpoint) -> LocalState:
        """Return whether an endpoint can answer at once; a model on this machine has to be loaded first."""
        return self.local.state(endpoint.model_name) if endpoint.provider.is_built_in else LocalState(True, False, 0)

    def warm(self) -> None:
        """Ask for models, and load the embedded one where it answers, so that the first question need not wait."""
        if self.default.is_built_in:
            self.local.start(self.default_model(self.default))
        self.offered()
        self.refresh_models(self.default)

    def _settled(self, provider: Provider, model_name: str) -> Endpoint:
        """Return the endpoint, whether or not it has a key.

        Raises: ProviderUnreachable when the embedded model can't be started, or there is no address.
        """
        model_name = model_name or self.default_model(provider)
        provider = self.row_of(provider, model_name)
        if provider.is_built_in:
            base_url, key = self.local.place(model_name)
        else:
            base_url, key = self._base_url(provider), self.settings.provider_values.get(provider.key_variable, "")
        endpoint = Endpoint(provider, base_url, model_name, provider.context_window, self.settings.llm_timeout_s, key)
        dialect = self._dialects.setdefault((endpoint.base_url, endpoint.model_name), endpoint.dialect)
        endpoint = replace(endpoint, dialect=dialect)
        if not provider.is_built_in:
            known = self.lists.known(endpoint).context_windows.get(endpoint.model_name)
            endpoint = replace(
                endpoint, context_window=self.settings.llm_context_window or known or provider.context_window
            )
        return endpoint

    def _base_url(self, provider: Provider) -> str:
        url = self.settings.provider_values.get(provider.base_url_variable, provider.base_url).rstrip("/")
        if not url:
            raise ProviderUnreachable(f"{provider.title} has no address.", f"Set {provider.base_url_variable} in .env.")
        if not is_web_address(url):
            raise ProviderUnreachable(
                problem_with(provider.base_url_variable, url),
                "Mend it in .env, such as http://127.0.0.1:8000/v1.",
            )
        return _with_path(provider.name, url)


def _with_path(name: str, url: str) -> str:
    """Return an address with the path that the OpenAI protocol has at this provider."""
    if name == "groq" and not url.endswith("/v1"):  # its SDK adds this path
        return f"{url}/openai/v1"
    if name == "anthropic" and not url.endswith("/v1"):  # as its SDK has it
        return f"{url}/v1"
    if name == "ollama" and not url.endswith("/v1"):  # as OLLAMA_HOST, and other programs, have it
        return f"{url.removesuffix('/api')}/v1"
    return url
