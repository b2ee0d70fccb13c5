"""Which models a provider serves, as its `/models` answers (https://platform.openai.com/docs/api-reference/models).

Lists are kept for ten minutes and fetched in the background, so that no page ever waits for one.
"""

import time
from dataclasses import replace
from threading import Thread
from typing import Any

import httpx

from controller.faults import translated
from model.errors import ProviderError
from model.provider import Endpoint, ModelList

KEPT_S = 600
TIMEOUT_S = 5.0
# Where servers tell a model's context window: Groq, OpenRouter, vLLM, llama.cpp.
_WINDOW_KEYS = ("context_window", "context_length", "max_model_len", "n_ctx")


class ModelLists:
    """The lists known so far, by provider."""

    def __init__(self) -> None:
        self._lists: dict[str, ModelList] = {}
        self._asked_at: dict[str, float] = {}

    def known(self, endpoint: Endpoint) -> ModelList:
        """Return what is known without waiting; an old or missing list is asked for in the background."""
        name = endpoint.provider.name
        if time.monotonic() - self._asked_at.get(name, -KEPT_S) >= KEPT_S:
            self._asked_at[name] = time.monotonic()
            Thread(target=self.refresh, args=(endpoint,), daemon=True).start()
        return self._lists.get(name, ModelList())

    def refresh(self, endpoint: Endpoint) -> ModelList:
        """Ask the provider now; when that fails the old list stays, with the problem told."""
        name = endpoint.provider.name
        self._asked_at[name] = time.monotonic()
        try:
            self._lists[name] = ModelList(_fetch(endpoint))
        except ProviderError as error:
            self._lists[name] = replace(self._lists.get(name, ModelList()), problem=error.message)
        return self._lists[name]


def _fetch(endpoint: Endpoint) -> dict[str, int | None]:
    """Return model id -> context window, None where the provider does not say.

    Raises: ProviderError.
    """
    headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    with translated(replace(endpoint, timeout_s=TIMEOUT_S)):
        answer = httpx.get(f"{endpoint.base_url}/models", headers=headers, timeout=TIMEOUT_S, follow_redirects=True)
        if answer.is_error:
            raise ProviderError(f"{endpoint.provider.title} did not list its models (status {answer.status_code}).")
        rows = answer.json()["data"]
        return {str(row["id"]): _context_window(row) for row in sorted(rows, key=lambda row: str(row["id"]))}


def _context_window(row: dict[str, Any]) -> int | None:
    """Return the context window that a row tells, at its top or under `meta`."""
    meta = row.get("meta") if isinstance(row.get("meta"), dict) else {}
    told = [place[key] for place in (row, meta or {}) for key in _WINDOW_KEYS if type(place.get(key)) is int]
    return told[0] if told and told[0] > 0 else None
