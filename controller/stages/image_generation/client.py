"""Images at a server: `/images/generations` and `/images/edits` (https://platform.openai.com/docs/api-reference/images).

What comes is limited in size and drawn once before it is kept; an address is fetched through `utils/net/safe_fetch.py`.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from controller.llm.error_mapping import TRY_AGAIN, translated
from controller.llm.providers import Providers
from controller.llm.wire import build_openai
from controller.resources import Resources
from controller.tools.tool import as_tool_failures
from model.errors import BnaError, ModelNotFound, ProviderError, ReplyInterrupted
from model.providers.image_models import cost_by_image, cost_by_tokens, family_of
from model.providers.provider import Endpoint, Provider
from utils.net.addresses import host_and_port
from utils.net.proxies import host_of
from utils.net.safe_fetch import FetchRules, fetch
from utils.pictures.decode import MAX_BYTES, Received, received
from utils.threads.jobs import run_with_timeout
from utils.threads.stop import CancellationToken

FETCH_TIMEOUT_S = 60.0


def picture_of(row: Mapping[str, Any], endpoint: Endpoint, stop: CancellationToken) -> Received:
    """Return the image of a row, whichever way it comes. Raises: ToolFailed when it is none, or can't be fetched."""
    address = str(row.get("url") or "")
    in_text = row.get("b64_json") or (address.partition(";base64,")[2] if address.startswith("data:") else "")
    with as_tool_failures():
        return received(_decoded(str(in_text)) if in_text else _fetched(address, endpoint, stop))


def _decoded(text: str) -> bytes:
    """Return the bytes that base64 stands for; none where it is something else, which is no picture either."""
    try:
        return base64.b64decode(text)
    except ValueError:
        return b""


def _fetched(address: str, endpoint: Endpoint, stop: CancellationToken) -> bytes:
    """Fetch an image; the server that was asked for it need not be on the public internet."""
    base_url = httpx.URL(endpoint.base_url)
    rules = FetchRules(
        frozenset([host_and_port(base_url)]),
        FETCH_TIMEOUT_S,
        MAX_BYTES,
        kinds=("image/", "application/octet-stream"),
    )
    return run_with_timeout(lambda inner: fetch(str(base_url.join(address)), rules, inner), stop, FETCH_TIMEOUT_S).data


MAX_BODY_BYTES = 4 * MAX_BYTES * 4 // 3  # four images, as base64
OPENAI_URL = "https://api.openai.com/v1"


@dataclass(frozen=True)
class ImageRequest:
    """What is wanted; `image` is the PNG that is to be edited, empty for a new one."""

    prompt: str
    size: str = "square"
    quality: str = "auto"
    count: int = 1
    image: bytes = b""


@dataclass(frozen=True)
class Made:
    """One image that came; `wording` is what the model made of the prompt, where it says so."""

    picture: Received
    wording: str
    cost_usd: float | None


def make_images(providers: Providers, endpoint: Endpoint, request: ImageRequest, stop: CancellationToken) -> list[Made]:
    """Return images, in as many requests as the model needs; fewer than wished for where a later request fails.

    Raises: ProviderError; ToolFailed where an image can't be fetched.
    """
    made: list[Made] = []
    most = family_of(endpoint.model_name).most
    while len(made) < request.count and not stop.is_set:
        try:
            came = _ask(providers, endpoint, request, min(most, request.count - len(made)), stop)
        except BnaError:
            if made:
                break
            raise
        made += came[: request.count - len(made)]
    return made


def _ask(
    providers: Providers, endpoint: Endpoint, request: ImageRequest, count: int, stop: CancellationToken
) -> list[Made]:
    said = _said(endpoint, request, count)
    try:
        with providers.line(endpoint) as line, translated(endpoint):
            stop.when_set(line.cut)
            images = build_openai(endpoint, line).images.with_streaming_response
            with images.edit(**said) if request.image else images.generate(**said) as response:
                reply = json.loads(_limited(response.iter_bytes(), endpoint))
            rows = [dict(row) for row in reply["data"]]
    except ProviderError as error:
        _reword(error, endpoint)
        raise
    if not rows:
        raise ReplyInterrupted(f"{endpoint.provider.title} sent no image.", "Say it in other words.")
    usage = reply.get("usage") if isinstance(reply.get("usage"), dict) else {}
    total_usd = cost_by_tokens(endpoint.model_name, usage)
    each_usd = cost_by_image(endpoint.model_name, said["size"], said.get("quality", ""))
    cost_usd = each_usd if total_usd is None else total_usd / len(rows)
    if endpoint.base_url != OPENAI_URL:  # whoever answers elsewhere makes the price
        cost_usd = None
    return [Made(picture_of(row, endpoint, stop), str(row.get("revised_prompt") or ""), cost_usd) for row in rows]


def _reword(error: ProviderError, endpoint: Endpoint) -> None:
    """Give an error a hint that is right for images."""
    if isinstance(error, ModelNotFound):
        error.hint = "Check IMAGE_MODEL and IMAGE_BASE_URL in .env. It may also be a model that can't do this."
        if not endpoint.model_name:
            error.message = f"{endpoint.provider.title} does not do this at {host_of(endpoint.base_url)}."
    if re.search("moderation|policy|safety", error.message, re.IGNORECASE):
        error.hint = "Say it in other words."
    if error.hint == TRY_AGAIN:
        error.hint = "Try again, or set another IMAGE_MODEL in .env."


def _said(endpoint: Endpoint, request: ImageRequest, count: int) -> dict[str, Any]:
    """Return what a request says: only what this model takes."""
    family = family_of(endpoint.model_name)
    said: dict[str, Any] = {"prompt": request.prompt, "n": count, "size": family.size_of(request.size, request.quality)}
    if endpoint.model_name:
        said["model"] = endpoint.model_name
    if request.quality in family.qualities:
        said["quality"] = family.qualities[request.quality]
    if family.takes_format:
        said["response_format"] = "b64_json"
    if request.image:
        said["image"] = ("image.png", request.image, "image/png")
    return said


def _limited(pieces: Iterator[bytes], endpoint: Endpoint) -> bytes:
    """Return a body. Raises: ReplyInterrupted when it is longer than images can be."""
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > MAX_BODY_BYTES:
            raise ReplyInterrupted(f"{endpoint.provider.title} sent more data than an image can have.", TRY_AGAIN)
    return bytes(body)


TIMEOUT_S = 120.0
IMAGE_SERVER = Provider("images", "Image server", "", "", 0, is_local=True, variable_prefix="IMAGE")
WHAT_TO_SET = "Add a key of OpenAI on the page Settings, or put IMAGE_BASE_URL=…, a server of your own, into .env."


def image_endpoint(providers: Providers) -> Endpoint | None:
    """Return where images are asked for; None where nothing that makes images is set."""
    values = providers.settings.provider_values
    model_name = values.get("IMAGE_MODEL", "")
    if base_url := values.get("IMAGE_BASE_URL", "").rstrip("/"):
        return Endpoint(IMAGE_SERVER, base_url, model_name, 0, TIMEOUT_S, values.get("IMAGE_API_KEY", ""))
    for provider in dict.fromkeys((providers.default, *providers.configured)):
        # At another address than its own, only what the settings tell is there.
        known = "" if provider.name in providers.moved else provider.image_model
        if (provider.image_model or provider.name == "custom") and (known or model_name):
            return _settled(providers, provider, model_name or known)
    return None


def image_service(resources: Resources) -> str:
    """Return who makes images, in a few words."""
    endpoint = image_endpoint(resources.providers)
    if endpoint is None:
        return "none; drawings and charts are made here"
    return " at ".join(filter(None, (endpoint.model_name, endpoint.provider.title)))


def _settled(providers: Providers, provider: Provider, model_name: str) -> Endpoint | None:
    """Return a provider's endpoint for images; None where it has no key."""
    try:
        found = providers.endpoint(provider, model_name)
    except BnaError:
        return None
    return Endpoint(provider, found.base_url, model_name, 0, TIMEOUT_S, found.key)
