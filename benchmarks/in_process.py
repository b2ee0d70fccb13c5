"""What needs no browser: reply() on its way to the request, a turn that is saved, and the embedded model."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import openai

from benchmarks.apps import Endpoint, clean_environ
from benchmarks.journal import kept_turn_ms
from benchmarks.samples import sample_conversation, write_sample_file
from benchmarks.table import Figures, Row
from benchmarks.turns import PROMPT, raw_stream, wall_ms
from controller.llm.discovery import build_providers
from controller.stages.chatbot_with_memory import MemoryController
from model.chat.conversation import Conversation
from model.chat.events import Usage
from model.store.journal import Journal
from model.store.json_store import JsonStore
from settings import Settings
from view.app import build_resources

LONG_PROMPT = "Explain how rain forms, in a few sentences."


def replies(endpoint: Endpoint, rounds: int = 9) -> Iterator[Row]:
    """Measure reply() until its request has arrived, beside the bare SDK with the same messages."""
    for window in (8_192, 128_000):
        for message_count in (10, 1_000, 10_000):
            name = f"reply() to request, {message_count:,} messages, window of {window:,}"
            limit = 20 if message_count == 10_000 else None
            yield Row(name, "ms", limit, _side_by_side(_request_ms(endpoint, message_count, window, rounds)))


def saved_turns(folder: Path, rounds: int = 7) -> Iterator[Row]:
    """Measure what a person waits for when a turn is saved, beside plain `json` on the whole file."""
    for size_mb, limit in ((1, 15), (10, 60), (100, 500)):
        name = f"A turn saved, file of {size_mb} MB"
        yield Row(name, "ms", limit, _side_by_side(_save_ms(folder, size_mb, rounds)))


def embedded_model(rounds: int = 7) -> Iterator[Row]:
    """Measure the embedded model's speed through reply(), beside its server read raw."""
    figures = _side_by_side(_tokens_per_s(rounds))
    yield Row("Embedded model through reply()", "tokens/s", 0.95, figures, is_share=True)
    yield Row("Embedded model: first token", "s", 0.5, Figures(list(_first_tokens_s())[1:]))


def _side_by_side(pairs: Iterable[tuple[float, float]]) -> Figures:
    """Return the figures of all rounds but the first, which warms up."""
    ours, raw = zip(*list(pairs)[1:], strict=True)
    return Figures(list(ours), raw=list(raw))


def _request_ms(endpoint: Endpoint, message_count: int, window: int, rounds: int) -> Iterator[tuple[float, float]]:
    environ = clean_environ(endpoint) | {"LLM_PROVIDER": "openai", "LLM_MODEL": "m", "LLM_CONTEXT_WINDOW": str(window)}
    controller = MemoryController(build_resources(build_providers(Settings.from_env(environ))))
    conversation = sample_conversation(message_count)
    client = openai.OpenAI(api_key="k", base_url=endpoint.base_url, max_retries=0)
    for _ in range(rounds + 1):
        ours_ms = _asked_after_ms(endpoint, lambda: controller.reply(conversation, PROMPT))
        messages = endpoint.last_request()["body"]["messages"]
        yield ours_ms, _asked_after_ms(endpoint, partial(raw_stream, client, messages))


def _asked_after_ms(endpoint: Endpoint, ask: Callable[[], Iterable[object]]) -> float:
    endpoint.script(text="Done.")
    started_at_ms = wall_ms()
    list(ask())
    asked_at_ms: float = 1000 * endpoint.last_request()["arrived_at_epoch_s"]
    return asked_at_ms - started_at_ms


def _save_ms(folder: Path, size_mb: int, rounds: int) -> Iterator[tuple[float, float]]:
    path = folder / f"{size_mb}.json"
    name = write_sample_file(path, size_mb)
    store = JsonStore(path)
    journal = Journal(folder / f"{size_mb}.journal", store)
    conversation = store.load(name)
    for _ in range(rounds + 1):
        yield kept_turn_ms(journal, conversation), _rewrite_ms(path, name)


def _rewrite_ms(path: Path, name: str) -> float:
    """Return how long the plain way takes: read the file, append two messages, write it."""
    started_at_s = time.perf_counter()
    conversations = json.loads(path.read_bytes())
    conversations[name] += [{"role": "user", "content": PROMPT}, {"role": "assistant", "content": "Then it rains."}]
    path.with_suffix(".plain").write_text(json.dumps(conversations), encoding="utf-8")
    return 1000 * (time.perf_counter() - started_at_s)


def _tokens_per_s(rounds: int) -> Iterator[tuple[float, float]]:
    providers = build_providers(Settings.from_env({"LLM_PROVIDER": "embedded"}))
    endpoint = providers.endpoint()
    messages = [*endpoint.provider.primer, ("user", LONG_PROMPT)]
    body = {
        "model": endpoint.model_name,
        "messages": [{"role": role, "content": content} for role, content in messages],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    for _ in range(rounds + 1):
        started_at_s = time.perf_counter()
        events = list(MemoryController(build_resources(providers)).reply(Conversation(), LONG_PROMPT))
        ours = _token_count(events) / (time.perf_counter() - started_at_s)
        with providers.local.running(endpoint.model_name, lambda: True):
            yield ours, _raw_tokens_per_s(endpoint.base_url, endpoint.key, body)


def _first_tokens_s() -> Iterator[float]:
    """Yield how long the first token of new conversations takes; the first one warms up."""
    providers = build_providers(Settings.from_env({"LLM_PROVIDER": "embedded"}))
    for thing in "rain snow wind a-river the-moon bread a-lighthouse tea".split():
        conversation = Conversation()
        conversation.choose(max_tokens=8)
        list(
            MemoryController(build_resources(providers)).reply(
                conversation, f"Explain in a few sentences what {thing} is."
            )
        )
        yield conversation.messages[-1].first_token_s or 0.0


def _token_count(events: Iterable[object]) -> int:
    return next(event.completion_token_count for event in events if isinstance(event, Usage))


def _raw_tokens_per_s(base_url: str, key: str, body: dict[str, Any]) -> float:
    headers = {"Authorization": f"Bearer {key}"}
    started_at_s = time.perf_counter()
    with httpx.stream("POST", f"{base_url}/chat/completions", json=body, headers=headers, timeout=60) as response:
        lines = [line for line in response.iter_lines() if line.startswith("data: {")]
    duration_s = time.perf_counter() - started_at_s
    token_count: int = json.loads(lines[-1].removeprefix("data: "))["usage"]["completion_tokens"]
    return token_count / duration_s
