"""The relay: a client's own request, with tools of its own, handed to the provider as it is.

It adds the address, the key and the model's name, and keeps nothing. A request that brings no tools is answered by a
stage instead.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from controller.llm.adaptation import TOKEN_LIMITS, adapted
from controller.llm.error_mapping import PROVIDER_FAULTS, translated
from controller.llm.providers import Providers
from controller.llm.stream_parser import CHUNK, ChunkReader, cut_off
from controller.llm.wire import DONE, SILENCE, Chunk, build_chat, chunks, reason_of, whole_answer
from controller.turn import ModelSelection
from model.chat.events import FinishReason, ThinkingDelta
from model.errors import InputError
from model.providers.provider import TOLD, Endpoint
from utils.threads.stop import CancellationToken

# What goes on to the provider (https://platform.openai.com/docs/api-reference/chat/create); all else is left out.
PASSED = (
    "messages tools tool_choice parallel_tool_calls response_format temperature top_p max_tokens max_completion_tokens"
    " stop seed presence_penalty frequency_penalty reasoning_effort stream_options"
).split()


def relay(
    providers: Providers, selection: ModelSelection, request: Mapping[str, Any], stop: CancellationToken
) -> Iterator[dict[str, Any]]:
    """Yield what the provider answers, as plain data: chunks where the request asks for a stream, else the whole.

    Raises: ProviderError, InputError.
    """
    endpoint = providers.endpoint(selection.provider, selection.model_name)
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
        stop.when_set(line.cut)
        sdk = build_chat(endpoint, line)

        def send(body: dict[str, Any]) -> Iterable[Chunk]:
            asked: dict[str, Any] = {"model": endpoint.model_name, "messages": [], "extra_body": passed | body}
            return chunks(sdk, stream=True, **asked) if is_stream else whole_answer(sdk, **asked)

        answer = adapted(send, endpoint, rows, next(filter(None, limits), None))
        yield from _until_end(answer, endpoint) if is_stream else [_whole(list(answer), endpoint)]


def _until_end(answer: Iterable[Chunk], endpoint: Endpoint) -> Iterator[Chunk]:
    """Yield a stream's chunks, also where a whole answer came in its place; faults behind its end are no faults.

    Raises: what `chunks` raises; ReplyInterrupted when it ended without saying so.
    """
    has_ended = False
    try:
        for chunk in answer:
            has_ended = has_ended or chunk is DONE
            if chunk is SILENCE or chunk is DONE:
                continue
            for choice in chunk.get("choices") or ():
                has_ended = has_ended or bool(reason_of(choice))
                if "message" in choice and not choice.get("delta"):
                    has_ended = has_ended or chunk.get("object") != CHUNK
                    choice["delta"] = choice.pop("message")
            yield chunk
    except PROVIDER_FAULTS:
        if not has_ended:
            raise
    if not has_ended:
        raise cut_off(endpoint)


def _whole(answer: Sequence[Chunk], endpoint: Endpoint) -> Chunk:
    """Return an answer in one piece, also where a server sent a stream that nobody had asked for.

    Raises: ReplyInterrupted when it ended without saying so.
    """
    if len(answer) == 1 and (choices := answer[0].get("choices")) and "message" in choices[0]:
        return answer[0]
    reader = ChunkReader(endpoint)
    told = list(reader.events(answer))
    calls = [call.model_dump() for call in reader.tool_calls.calls]
    thoughts = "".join(event.text for event in told if isinstance(event, ThinkingDelta))
    message: Chunk = {"role": "assistant", "content": reader.text or None}
    message |= ({"tool_calls": calls} if calls else {}) | ({"reasoning_content": thoughts} if thoughts else {})
    reason = next((event.reason for event in told if isinstance(event, FinishReason)), "")
    choice = {"index": 0, "message": message, "finish_reason": reason or ("tool_calls" if calls else "stop")}
    head = next((chunk for chunk in answer if chunk.get("id")), {})
    known = {key: head[key] for key in ("id", "created", "model") if key in head}
    usage = next(({"usage": chunk["usage"]} for chunk in reversed(answer) if chunk.get("usage")), {})
    return known | {"object": "chat.completion", "choices": [choice]} | usage
