"""The relay: a client's own request, with tools of its own, handed to the provider as it is.

It adds the address, the key and the model's name, and keeps nothing. A request that brings no tools is answered by a
stage instead. Read next: `controller/llm.py`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from controller.adaptation import TOKEN_LIMITS, adapted
from controller.faults import PROVIDER_FAULTS, translated
from controller.llm import build_openai
from controller.providers import Providers
from controller.turn import Choice
from controller.wire import DONE, SILENCE, Chunk, chunks, whole_answer
from model.errors import InputError
from model.provider import TOLD

# What goes on to the provider (https://platform.openai.com/docs/api-reference/chat/create); all else is left out.
PASSED = (
    "messages tools tool_choice parallel_tool_calls response_format temperature top_p max_tokens max_completion_tokens"
    " stop seed presence_penalty frequency_penalty reasoning_effort stream_options"
).split()


def relay(providers: Providers, choice: Choice, request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what the provider answers, as plain data: chunks where the request asks for a stream, else the whole.

    Raises: ProviderError, InputError.
    """
    endpoint = providers.endpoint(choice.provider, choice.model_name)
    if request.get("tools") and not endpoint.provider.has_tools:
        raise InputError(f"{endpoint.provider.title} can't call tools.", "Name a provider that can, or send no tools.")
    wants_json = (request.get("response_format") or {}).get("type", "text") != "text"
    if wants_json and endpoint.provider.json_output == TOLD:
        refusal = f"{endpoint.provider.title} does not hold its models to a form of answers."
        raise InputError(refusal, "Name a provider that does, or ask for JSON in words.")
    passed = {key: request[key] for key in PASSED if request.get(key) is not None}
    rows, limits = passed.pop("messages", []), [passed.pop(name, None) for name in TOKEN_LIMITS]
    is_stream = bool(request.get("stream"))
    with providers.line(endpoint) as line, translated(endpoint):
        choice.stop.when_set(line.cut)
        sdk = build_openai(endpoint, line)

        def send(body: dict[str, Any]) -> Iterator[Chunk]:
            asked: dict[str, Any] = {"model": endpoint.model_name, "messages": [], "extra_body": passed | body}
            return chunks(sdk, stream=True, **asked) if is_stream else iter([whole_answer(sdk, **asked)])

        answer = adapted(send, endpoint, rows, next(filter(None, limits), None))
        yield from _until_end(answer) if is_stream else answer


def _until_end(answer: Iterator[Chunk]) -> Iterator[Chunk]:
    """Yield a stream's chunks, also where a whole answer came in its place; faults behind its end are no faults.

    Raises: what `chunks` raises.
    """
    has_ended = False
    try:
        for chunk in answer:
            if chunk is SILENCE or chunk is DONE:
                continue
            for choice in chunk.get("choices") or ():
                has_ended = has_ended or bool(choice.get("finish_reason"))
                if "message" in choice and not choice.get("delta"):
                    choice["delta"] = choice.pop("message")
            yield chunk
    except PROVIDER_FAULTS:
        if not has_ended:
            raise
