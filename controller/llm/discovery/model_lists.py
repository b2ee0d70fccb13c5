"""Which models a provider serves, as its `/models` tells.

Lists are kept for ten minutes and fetched in the background, so that no page ever waits for one.
Source: https://platform.openai.com/docs/api-reference/models
"""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from threading import Thread
from typing import Any

from controller.llm.error_mapping import translated
from controller.llm.providers import KnownModels
from model.errors import ProviderError
from model.providers.provider import MESSAGES, Endpoint, ModelList
from utils.net.client import get
from utils.net.error_bodies import message_of

KEPT_S = 600
TIMEOUT_S = 5.0
# Where servers tell a model's context window: Groq, LM Studio, OpenRouter, vLLM, llama.cpp, Mistral, LiteLLM, Google.
_WINDOW_KEYS = (
    "context_window", "loaded_context_length", "context_length", "max_model_len", "n_ctx", "max_context_length",
    "max_input_tokens", "inputTokenLimit", "input_token_limit",
)  # fmt: skip


class ModelLists(KnownModels):
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

    def forget(self) -> None:
        self._lists, self._asked_at = {}, {}


# Where they tell its name: OpenAI and nearly all; Ollama's own and Cohere; what some gateways send.
_NAME_KEYS = ("id", "name", "model", "model_name")
# Names of models that hear, speak, draw, compare or judge; lists seldom say what a model is for.
_OTHER_THAN_CHAT = re.compile(
    r"whisper|transcri|tts|text-to-|speech|audio-|voxtral|realtime|embed|(^|[/_-])(bge|e5|gte|clip|ada)[-_]|minilm"
    r"|kokoro|orpheus|parakeet|canary-|chatterbox|eleven_|xtts|piper-|colbert|colpali"
    r"|rerank|moderation|guard|dall-e|gpt-image|image|imagen|diffusion|sdxl|flux|sora|veo|lyria|video|ocr"
    r"|(^|[/_-])(sd|wan)-?\d|[ti]2v|kolors|cogview|midjourney|recraft|ideogram"
    r"|babbage|davinci|turbo-instruct|computer-use|\baqa\b",
    re.IGNORECASE,
)


def _fetch(endpoint: Endpoint) -> dict[str, int | None]:
    """Return model id -> context window, None where the provider does not say; those that can't chat come last.

    Raises: ProviderError.
    """
    headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    if endpoint.provider.protocol == MESSAGES:
        headers = {"x-api-key": endpoint.key, "anthropic-version": "2023-06-01"}
    with translated(replace(endpoint, timeout_s=TIMEOUT_S)):
        answer = get(f"{endpoint.base_url}/models", TIMEOUT_S, headers)
        refused = f"{endpoint.provider.title} did not list its models"
        if answer.is_error:
            raise ProviderError(f"{refused} (status {answer.status_code}).")
        rows: Any = None
        try:
            rows = answer.json()
            found = dict(_models(rows))
        except (ValueError, RecursionError) as error:  # the latter: nested too deep
            said = message_of(rows.get("error")) if isinstance(rows, dict) else ""
            raise ProviderError(f"{refused}: {said[:300] or 'what came is no list.'}") from error
    names = sorted(found, key=lambda name: (not _can_chat(name, found[name]), name))
    return {name: _context_window(found[name]) for name in names}


def _models(answer: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the name and the row of each model, in whichever of the forms that servers send.

    Raises: ValueError when it is none of them.
    """
    if isinstance(answer, dict):
        places = [key for key in ("data", "models", "result") if key in answer]
        if not places:
            raise ValueError("there is no list of models")
        answer = answer[places[0]]
    if isinstance(answer, dict):  # name -> what it can do
        answer = [row | {"id": name} if isinstance(row, dict) else name for name, row in answer.items()]
    if not isinstance(answer, list | None):
        raise ValueError("the list of models is no list")
    for row in answer or []:
        row = {"id": row} if isinstance(row, str) else row
        names = [row[key] for key in _NAME_KEYS if isinstance(row.get(key), str)] if isinstance(row, dict) else []
        if names and names[0].strip():
            yield names[0].removeprefix("models/"), row  # as Google writes it before each name


def _can_chat(name: str, row: Mapping[str, Any]) -> bool:
    """Whether a model answers questions: as its row says, else as far as its name does."""
    capabilities = row.get("capabilities")
    if isinstance(capabilities, dict) and isinstance(can := capabilities.get("completion_chat"), bool):  # Mistral
        return can
    architecture = row.get("architecture")
    if isinstance(architecture, dict) and isinstance(makes := architecture.get("output_modalities"), list):
        return "text" in makes  # OpenRouter
    kind = row.get("type")  # Together, LM Studio: chat, embeddings, image ...
    if isinstance(kind, str) and kind.lower() in ("chat", "llm", "vlm", "language"):
        return True
    return not _OTHER_THAN_CHAT.search(f"{name} {kind if isinstance(kind, str) else ''}")


def _context_window(row: Mapping[str, Any]) -> int | None:
    """Return the context window that a row tells, at its top or under `meta`."""
    meta = row.get("meta") if isinstance(row.get("meta"), dict) else {}
    told = (_whole(place.get(key)) for place in (row, meta or {}) for key in _WINDOW_KEYS)
    return next((window for window in told if window), None)


def _whole(value: object) -> int | None:
    """Return a whole number above 0, also one that is written as a text; None for anything else."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 12:
        return int(value) or None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e12 and value == int(value):
        return int(value)
    return None
