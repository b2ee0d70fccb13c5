"""Faults: the one table from other libraries' errors to ours.

Whatever goes wrong between here and the provider becomes one clear sentence and what to do about it, and no key is
ever part of it. The statuses are those of https://platform.openai.com/docs/guides/error-codes.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus

import groq
import httpx
import openai

from model.errors import (
    BnaError,
    ContextWindowExceeded,
    MissingKey,
    ModelNotFound,
    ProviderError,
    ProviderUnreachable,
    RateLimited,
    ReplyInterrupted,
)
from model.providers.provider import Endpoint
from utils.net.error_bodies import message_of, retry_after_s
from utils.net.proxies import BadProxy, host_of, is_loopback, proxy_for

LONGEST_WAIT_S = 86_400.0  # what asks for more is no number of seconds
TRY_AGAIN = "Try again, or pick another model."
_STATUS_ERRORS = (openai.APIStatusError, groq.APIStatusError)
_TIMEOUTS = (openai.APITimeoutError, groq.APITimeoutError, httpx.TimeoutException)
_CONNECTION_ERRORS = (openai.APIConnectionError, groq.APIConnectionError, httpx.ConnectError)
_OTHER_ERRORS = (openai.OpenAIError, groq.GroqError, httpx.HTTPError, httpx.InvalidURL)
# A chunk that is no JSON, or JSON of another shape, surfaces in the SDKs and in LlamaIndex as one of these.
_MALFORMED = (ValueError, TypeError, AttributeError, LookupError, RecursionError, OverflowError)
# How servers say that a request is more than the model's window.
_TOO_LONG = re.compile(
    r"context.{0,12}(length|size|window|limit|overflow)|too (long|large|many (input )?tokens)"
    r"|(input|prompt|request|messages?|tokens?)\b(?!.*\b(quota|rate)\b).{0,60}\bexceed"
    r"|(reduce|shorten) (the|your) (length|size|input|prompt|number|messages?|conversation)"
    r"|inputs?\b.{0,80}\bmust (be <=|be less than|have less than|not exceed)|range of input length"
    r"|max(imum)?[ _](input|prompt|model|sequence)[ _](length|len|tokens|size)|token limit exceeded"
    r"|cannot exceed .{0,20}tokens|超长|超过.{0,20}(长度|上限|限制|最大)|长度.{0,10}超",
    re.IGNORECASE,
)
_LONG_ANSWER = re.compile(r"max_(completion_|output_)?tokens\b.{0,40}(too large|at most|less than|<=|maximum)")
PROVIDER_FAULTS = (*_OTHER_ERRORS, *_MALFORMED)


@contextmanager
def translated(endpoint: Endpoint) -> Iterator[None]:
    """Turn every fault of a provider inside this block into a ProviderError. Raises: ProviderError, from the fault."""
    try:
        yield
    except BnaError:
        raise
    except PROVIDER_FAULTS as fault:
        raise as_our_error(fault, endpoint) from fault


def as_our_error(fault: Exception, endpoint: Endpoint) -> ProviderError:
    title = endpoint.provider.title
    if isinstance(fault, _STATUS_ERRORS):
        return _told_by_status.get(fault.status_code, _other_status)(fault, endpoint)
    if isinstance(fault, _TIMEOUTS):
        return ProviderUnreachable(f"{title} was silent for {endpoint.timeout_s:g} seconds.", TRY_AGAIN)
    if isinstance(fault, BadProxy):
        hint = "Mend it, or take it out of the environment, and start bnaGPT again."
        return ProviderUnreachable(f"{title} can't be reached. {fault}", hint)
    if isinstance(fault, _CONNECTION_ERRORS):
        return _no_connection(fault, endpoint)
    if isinstance(fault, openai.APIError | groq.APIError):
        return ReplyInterrupted(f"{title} broke off: {_said(fault, endpoint)}", TRY_AGAIN)
    if isinstance(fault, httpx.HTTPError):
        return ReplyInterrupted(f"The connection to {title} broke off.", TRY_AGAIN)
    return ReplyInterrupted(f"{title} sent something that is not an answer.", TRY_AGAIN)


def _no_connection(fault: Exception, endpoint: Endpoint) -> ProviderError:
    """Return the ProviderError for a server that was not found, or that is none."""
    title, place = endpoint.provider.title, _host(endpoint)
    cause = fault.__cause__ or fault
    if "CERTIFICATE_VERIFY_FAILED" in str(cause):
        return ProviderUnreachable(
            f"{title} at {place} could not prove who it is: its certificate is not trusted.",
            "If it is your own server, or a proxy stands before it, name their certificate in SSL_CERT_FILE.",
        )
    if isinstance(cause, httpx.ProxyError):
        return ProviderUnreachable(
            f"The proxy before {title} let nothing through: {_short(str(cause), endpoint)}",
            "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY in the environment, then start bnaGPT again.",
        )
    if isinstance(cause, httpx.ReadError | httpx.WriteError | httpx.CloseError) or "disconnected" in str(cause):
        return ReplyInterrupted(f"The connection to {title} broke off.", TRY_AGAIN)
    if not isinstance(cause, httpx.ConnectError) and isinstance(cause, httpx.HTTPError | httpx.InvalidURL):
        return ProviderUnreachable(
            f"What answers at {place} is no server of models: {_short(str(cause), endpoint)}",
            "Check its address, at the page Settings or in .env.",
        )
    is_near = endpoint.provider.is_local or is_loopback(host_of(endpoint.base_url))
    first = "Is it running" if is_near else "Are you online"
    proxy = ", does the proxy answer that HTTPS_PROXY or ALL_PROXY names" if proxy_for(endpoint.base_url) else ""
    return ProviderUnreachable(
        f"{title} can't be reached at {place}.", f"{first}{proxy}, and is its address right? Then try again."
    )


def missing_key(endpoint: Endpoint) -> MissingKey:
    """Return the error for a provider without a key."""
    variable = endpoint.provider.key_variable
    return MissingKey(
        f"{endpoint.provider.title} needs a key.", f"Add it at the page Settings, or put {variable}=... in .env."
    )


def unusable_key(endpoint: Endpoint) -> MissingKey:
    """Return the error for a key that can't be sent."""
    variable = endpoint.provider.key_variable
    return MissingKey(
        f"The key for {endpoint.provider.title} holds a character that no key has.",
        f"Copy it once more, at the page Settings or into .env, as {variable}=....",
    )


def _refused_key(fault: openai.APIStatusError | groq.APIStatusError, endpoint: Endpoint) -> ProviderError:
    title, variable = endpoint.provider.title, endpoint.provider.key_variable or "the key"
    if fault.status_code != 403:
        return MissingKey(f"{title} does not accept the key.", f"Check it at the page Settings, or {variable} in .env.")
    return MissingKey(
        f"{title} does not let this key use {endpoint.model_name}.",
        f"Pick another model, or check what {variable} may do.",
    )


def _unknown_model(fault: openai.APIStatusError | groq.APIStatusError, endpoint: Endpoint) -> ProviderError:
    no_path = not httpx.URL(endpoint.base_url).path.strip("/")
    address = "the address in .env (at many servers it ends in /v1)" if no_path else "the address in .env"
    return ModelNotFound(
        f"{endpoint.provider.title} has no model “{endpoint.model_name}” at {_host(endpoint)}"
        + _quoted(fault, endpoint),
        f"Pick another model, or check {address}, then try again.",
    )


def _too_often(fault: openai.APIStatusError | groq.APIStatusError, endpoint: Endpoint) -> ProviderError:
    wait_s = retry_after_s(fault.response.headers.get("retry-after"))
    wait_s = wait_s if wait_s is not None and wait_s < LONGEST_WAIT_S else None
    hint = f"Wait {wait_s:g} seconds, then try again." if wait_s else "Wait a little, then try again."
    what = f"{endpoint.provider.title} was asked too often, or the quota is used up"
    return RateLimited(what + _quoted(fault, endpoint), hint, wait_s)


def _server_fault(fault: openai.APIStatusError | groq.APIStatusError, endpoint: Endpoint) -> ProviderError:
    what = "took too long" if fault.status_code == 408 else "has a problem of its own"
    said = _quoted(fault, endpoint)
    return ProviderUnreachable(f"{endpoint.provider.title} {what} (status {fault.status_code}){said}", TRY_AGAIN)


def _other_status(fault: openai.APIStatusError | groq.APIStatusError, endpoint: Endpoint) -> ProviderError:
    said = _said(fault, endpoint)
    if fault.status_code >= 500 and not _TOO_LONG.search(said):
        return _server_fault(fault, endpoint)
    if "api key" in said.lower():  # Google answers a wrong key with status 400
        return _refused_key(fault, endpoint)
    if _LONG_ANSWER.search(said) and "context" not in said:
        refusal = f"{endpoint.provider.title} does not write answers that long: {said}"
        return ProviderError(refusal, "Set a shorter longest answer in the conversation's settings, then try again.")
    if _TOO_LONG.search(said):
        return ContextWindowExceeded(
            f"This is more than {endpoint.model_name} can read at once.",
            "Shorten the message, start a new conversation, or pick a model with a larger window.",
        )
    return ProviderError(f"{endpoint.provider.title} refused the request: {said}", TRY_AGAIN)


_Teller = Callable[[openai.APIStatusError | groq.APIStatusError, Endpoint], ProviderError]
_told_by_status: dict[int, _Teller] = {
    401: _refused_key,
    403: _refused_key,
    404: _unknown_model,
    408: _server_fault,
    429: _too_often,
}


def _quoted(fault: openai.APIStatusError | groq.APIStatusError, endpoint: Endpoint) -> str:
    """Return the end of a sentence: what the provider wrote, where that says more than its status does."""
    said = _said(fault, endpoint)
    with suppress(ValueError):
        if said.rstrip(".").lower() == HTTPStatus(fault.status_code).phrase.lower():
            return "."
    is_page = isinstance(fault.body, str) and fault.body.lstrip().startswith("<")
    return f": {said}" if message_of(fault.body) and not is_page else "."


def _said(fault: openai.APIError | groq.APIError, endpoint: Endpoint) -> str:
    """Return what the provider wrote, short, in one line and without the key."""
    body = fault.body
    if not body and isinstance(fault, _STATUS_ERRORS):  # the SDKs keep only what stands under “error”
        with suppress(httpx.StreamError):
            body = fault.response.text
    return _short(message_of(body) or fault.message, endpoint)


def _short(said: str, endpoint: Endpoint) -> str:
    """Return what was said in one line, not too long, and without the key."""
    said = " ".join(said.split())
    return (said.replace(endpoint.key, "***") if endpoint.key else said)[:300]


def _host(endpoint: Endpoint) -> str:
    return httpx.URL(endpoint.base_url).netloc.decode() or endpoint.base_url
