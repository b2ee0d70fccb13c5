"""The wire: the three SDKs, and an answer's chunks as the provider sends them, read off the HTTP response itself.

The SDKs send the request; they are made anew for each turn, around a line that can be cut, and without retries: what
went wrong is told at once, with a Retry button, not hidden behind a silent wait. What comes back is read here, because
servers send more than the SDKs know: a byte order mark, pings without data, errors in five shapes, a whole answer where
a stream was asked for. Chunks stay plain data: to make the SDKs' objects of them takes longer than all else that is
done with a token.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any

import groq
import httpx
import msgspec
import openai

from controller.llm.anthropic.answer import STATUS, AnswerEvents
from controller.llm.anthropic.request import messages_request
from model.providers.provider import MESSAGES, Endpoint
from utils.net.client import CancellableClient
from utils.net.error_bodies import error_code, error_in, message_of
from utils.net.sse import ServerSentEvent, read_events
from utils.threads.trace import note, traced

# The SDKs refuse an empty key; servers on one's own machine often want none.
NO_KEY = "none"
Chunk = dict[str, Any]
SILENCE: Chunk = {}  # something came, but no chunk
DONE: Chunk = {"done": True}  # the server says that nothing follows; known by its identity
LAST_WORDS_S = 3.0  # how long an answer that has said why it ended may go on to be silent, as with token counts
REST_S = 0.2  # how long the end of a response may take to come, so that its connection can be used again
MOST_RESTS = 8
MOST_STRAY_BYTES = 1 << 20
MOST_SENTENCE_BYTES = 1000
_JSON_BEGINS = (b"{", b"[", b'"', b"\xef")
_STREAM = re.compile(rb"(\xef\xbb\xbf)?\s*(data|event|id|retry)?:")
_PREFIX = re.compile(rb"^(?:data: *)+(?=[{\[])")  # a proxy has put events into events
_decoder = msgspec.json.Decoder()


class MessagesSDK:
    """Anthropic's SDK; it takes requests in the form of OpenAI's, and what comes back is in that form, too."""

    def __init__(self, endpoint: Endpoint, line: CancellableClient) -> None:
        import anthropic  # which takes half a second to load

        self._sdk = anthropic.Anthropic(
            api_key=endpoint.key or NO_KEY,
            base_url=endpoint.base_url.removesuffix("/v1"),
            http_client=line.client,
            max_retries=0,
        )

    def chunks(self, request: dict[str, Any]) -> Iterator[Chunk]:
        """Send a request for a stream. Raises: openai.APIStatusError; what httpx raises."""
        import anthropic

        made = messages_request(request | request.get("extra_body", {}) | {"stream": True})
        try:
            answer: Any = self._sdk.messages.with_raw_response.create(**made)
        except anthropic.APIStatusError as error:
            raise status_error(error.body or error.message, error.response, error.status_code) from error
        except anthropic.APITimeoutError as error:
            raise openai.APITimeoutError(error.request) from error
        except anthropic.APIConnectionError as error:
            raise openai.APIConnectionError(request=error.request) from (error.__cause__ or error)
        note(status=answer.http_response.status_code)
        return _read_messages(answer.http_response)


Sdk = groq.Groq | openai.OpenAI | MessagesSDK


def build_sdk(endpoint: Endpoint, line: CancellableClient) -> Sdk:
    """Return the raw SDK: Groq's for Groq and for the embedded model, else that of the provider's protocol."""
    if endpoint.provider.name in ("groq", "embedded"):
        root_url = endpoint.base_url.removesuffix("/openai/v1")
        return groq.Groq(api_key=endpoint.key, base_url=root_url, http_client=line.client, max_retries=0)
    return build_chat(endpoint, line)


def build_chat(endpoint: Endpoint, line: CancellableClient) -> openai.OpenAI | MessagesSDK:
    """Return the SDK of the protocol that the provider's models are talked to in."""
    if endpoint.provider.protocol == MESSAGES:
        return MessagesSDK(endpoint, line)
    return build_openai(endpoint, line)


def build_openai(endpoint: Endpoint, line: CancellableClient) -> openai.OpenAI:
    """Return OpenAI's SDK for any provider."""
    key = endpoint.key or NO_KEY
    return openai.OpenAI(api_key=key, base_url=endpoint.base_url, http_client=line.client, max_retries=0)


@traced("The request leaves, and its response begins")
def chunks(sdk: Sdk, **request: Any) -> Iterator[Chunk]:
    """Send a request for a stream; when this returns, its answer has begun, and its chunks can be read.

    Raises: what the SDKs raise.
    """
    if isinstance(sdk, MessagesSDK):
        return sdk.chunks(request)
    answer: Any = sdk.chat.completions.with_raw_response.create(**request)
    note(status=answer.http_response.status_code)
    return read_chunks(answer.http_response)


@traced("A request beside the turn, not streamed")
def whole_answer(sdk: Sdk, **request: Any) -> list[Chunk]:
    """Send a request without a stream, and return the answer: one chunk, or those of a stream where one came.

    Raises: what the SDKs raise; ValueError when it is no answer.
    """
    if isinstance(sdk, MessagesSDK):
        return list(sdk.chunks(request))
    answer: Any = sdk.chat.completions.with_raw_response.create(**request)
    response: httpx.Response = answer.http_response
    data = response.read()
    if _STREAM.match(data):
        return list(read_chunks(response))
    return [refuse_errors(_decoded(data), response)]


@traced("Chunks come")
def read_chunks(response: httpx.Response) -> Iterator[Chunk]:
    """Yield the chunks of a response, SILENCE for what holds none, and DONE at the end that the protocol has.

    Raises: openai.APIStatusError for an error that the server tells; httpx.HTTPError; ValueError.
    """
    pieces = response.iter_bytes()
    with _closed(response):
        strays: list[bytes] = []
        words: list[bytes] = []
        for event in read_events(pieces):
            if event is None or not (event.data or event.strays):
                yield SILENCE
                continue
            strays += event.strays
            event.data = [_PREFIX.sub(b"", line) for line in event.data]
            if _is_words(event):
                words += event.data if b" " in event.data[0] and not event.name else []
                yield SILENCE
                continue
            for chunk in _chunks_of(event.data, event.name, response):
                if chunk is DONE:
                    yield DONE
                    _read_rest(pieces, response)
                    return
                if _is_ending(chunk):
                    _hurry(response, LAST_WORDS_S)
                words = []
                yield chunk
            if sum(map(len, strays)) > MOST_STRAY_BYTES:
                raise ValueError("no stream of events")
        if strays or words:
            yield from _chunks_of_strays(strays or words, response)


@traced("Chunks come")
def _read_messages(response: httpx.Response) -> Iterator[Chunk]:
    """Yield the chunks that the events of Anthropic's protocol make. Raises: as `read_chunks`."""
    answer = AnswerEvents()
    pieces = response.iter_bytes()
    with _closed(response):
        for chunk in answer.chunks(_message_events(pieces)):
            if chunk and "error" in chunk:
                kind = chunk["error"].get("type") if isinstance(chunk["error"], dict) else None
                raise status_error(chunk["error"], response, STATUS.get(str(kind), 0))
            yield SILENCE if chunk is None else chunk
        if answer.has_ended:
            yield DONE
            _read_rest(pieces, response)


def _message_events(pieces: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the objects of a stream's events; a ping for what holds none. Raises: ValueError."""
    for event in read_events(pieces):
        if event is None or not (event.data or event.strays):
            yield {"type": "ping"}
            continue
        told = _decoded(b"\n".join(event.data or event.strays))
        if not isinstance(told, dict):
            raise ValueError("neither an event nor an answer")
        yield told


def status_error(body: Any, response: httpx.Response, status: int) -> openai.APIStatusError:
    """Return the SDK's own kind of error for a status."""
    kinds = {400: openai.BadRequestError, 413: openai.BadRequestError, 422: openai.UnprocessableEntityError}
    error = kinds.get(status, openai.APIStatusError)(message_of(body), response=response, body=body)
    error.status_code = status
    return error


def _is_words(event: ServerSentEvent) -> bool:
    """Whether an event holds words alone, such as “keep-alive”; a sentence that comes last tells what is wrong."""
    data = b"\n".join(event.data).strip()
    return bool(data) and event.name != b"error" and data[:1] not in _JSON_BEGINS and data != b"null"


def _chunks_of(lines: list[bytes], name: bytes, response: httpx.Response) -> Iterator[Chunk]:
    """Yield the chunks of an event; most have one line, and some servers leave out the empty line between two.

    Raises: openai.APIStatusError, ValueError.
    """
    lines = [line for line in lines if line.strip()]
    for data in lines if len(lines) < 2 or _is_each_whole(lines) else [b"\n".join(lines)]:
        if _is_done(data):
            yield DONE
            return
        try:
            value = _decoded(data)
        except ValueError:
            if name == b"error":
                raise refusal(data.decode("utf-8", "replace"), response) from None
            raise
        for chunk in value if isinstance(value, list) else [value]:
            if chunk is None:
                continue
            if name == b"error":
                raise refusal(chunk, response)
            yield refuse_errors(chunk, response)


def _is_done(data: bytes) -> bool:
    return data.lstrip(b'" ')[:6].upper() == b"[DONE]"


def _is_each_whole(lines: list[bytes]) -> bool:
    """Whether each line is JSON, or an end, by itself."""
    return all(_is_done(line) or (line[:1] == b"{" and line.rstrip()[-1:] == b"}") for line in lines)


def _chunks_of_strays(strays: list[bytes], response: httpx.Response) -> Iterator[Chunk]:
    """Yield what a response holds that is no stream: a whole answer, an error, or one chunk a line.

    Raises: openai.APIStatusError, ValueError.
    """
    text = b"\n".join(strays)
    if text.startswith(b"error:"):  # as llama.cpp sent them
        raise refusal(text.removeprefix(b"error:").strip().decode("utf-8", "replace"), response)
    if not text.lstrip().startswith((b"{", b"[", b"<", b"\xef")):  # not a page either, so somebody wrote a sentence
        raise refusal(text[:MOST_SENTENCE_BYTES].decode("utf-8", "replace"), response)
    try:
        values = [_decoded(text)]
    except ValueError:
        values = [_decoded(line) for line in strays]
    for value in values:
        for chunk in value if isinstance(value, list) else [value]:
            yield refuse_errors(chunk, response)


def _decoded(data: bytes) -> Any:
    """Return what JSON says, with halves of characters as they are: `utils/text/characters.py` joins them.

    Raises: ValueError, RecursionError.
    """
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return json.loads(data.decode("utf-8", "surrogateescape").lstrip("\ufeff"), strict=False)


def refuse_errors(answer: Any, response: httpx.Response) -> Chunk:
    """Return an answer that tells no error. Raises: openai.APIStatusError, ValueError."""
    if not isinstance(answer, dict):
        if isinstance(answer, list) and answer:
            return refuse_errors(answer[0], response)
        raise ValueError("neither a chunk nor an answer")
    chunk: Chunk = answer
    if choices := chunk.get("choices"):
        several = [choices] if isinstance(choices, dict) else choices
        if several is not choices or not all(isinstance(choice, dict) for choice in several):
            chunk = chunk | {"choices": [choice for choice in several if isinstance(choice, dict)]}
    if error := error_in(chunk):
        raise refusal(error, response)
    return chunk


def refusal(body: Any, response: httpx.Response) -> openai.APIStatusError:
    """Return the SDK's error for one that came with status 200, with the status that it tells, or 0."""
    error = openai.APIStatusError(message_of(body), response=response, body=body)
    error.status_code = error_code(body) or 0
    return error


def reason_of(choice: dict[str, Any]) -> str:
    """Return why an answer ends; empty while it goes on, which some servers tell as a word."""
    reason = choice.get("finish_reason")
    return str(reason) if reason and reason not in ("null", "None", "none") else ""


def _is_ending(chunk: Chunk) -> bool:
    choices: Any = chunk.get("choices")
    return bool(choices) and bool(reason_of(choices[0]))


@contextmanager
def _closed(response: httpx.Response) -> Iterator[None]:
    """Close a response, and give its connection its own patience back."""
    try:
        yield
    finally:
        stream = response.extensions.get("network_stream")
        if stream is not None and "read" in vars(stream):
            del stream.read
        response.close()


def _hurry(response: httpx.Response, seconds: float) -> None:
    """Let each further read of a response take so long at most.

    httpcore fixes the limit when a response begins, so the stream's own `read` is asked in between.
    """
    stream: Any = response.extensions.get("network_stream")
    if stream is not None:
        read = type(stream).read
        stream.read = lambda most_bytes, timeout=None: read(stream, most_bytes, min(seconds, timeout or seconds))


def _read_rest(pieces: Iterator[bytes], response: httpx.Response) -> None:
    """Read what stands behind the end, if it is there already: only then the connection can be used again."""
    _hurry(response, REST_S)
    with suppress(httpx.HTTPError, httpx.StreamError, OSError):
        for _ in islice(pieces, MOST_RESTS):
            pass
