"""Images at a server: `/images/generations` and `/images/edits`, as in the OpenAI protocol.

Source: https://platform.openai.com/docs/api-reference/images.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from controller.faults import TRY_AGAIN, translated
from controller.image_rows import picture_of
from controller.llm import build_openai
from controller.providers import Providers
from model.errors import BnaError, ModelNotFound, ProviderError, ReplyInterrupted
from model.image_models import cost_by_image, cost_by_tokens, family_of
from model.provider import Endpoint
from utils.received_picture import MAX_BYTES, Received
from utils.stop import Stop

MAX_BODY_BYTES = 4 * MAX_BYTES * 4 // 3  # four images, as base64
OPENAI_URL = "https://api.openai.com/v1"


@dataclass(frozen=True)
class Wish:
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


def make_images(providers: Providers, endpoint: Endpoint, wish: Wish, stop: Stop) -> list[Made]:
    """Return images, in as many requests as the model needs; fewer than wished for where a later request fails.

    Raises: ProviderError; ToolFailed where an image can't be fetched.
    """
    made: list[Made] = []
    most = family_of(endpoint.model_name).most
    while len(made) < wish.count and not stop.is_set:
        try:
            came = _ask(providers, endpoint, wish, min(most, wish.count - len(made)), stop)
        except BnaError:
            if made:
                break
            raise
        made += came[: wish.count - len(made)]
    return made


def _ask(providers: Providers, endpoint: Endpoint, wish: Wish, count: int, stop: Stop) -> list[Made]:
    """Ask once, and return what came."""
    said = _said(endpoint, wish, count)
    try:
        with providers.line(endpoint) as line, translated(endpoint):
            stop.when_set(line.cut)
            images = build_openai(endpoint, line).images.with_streaming_response
            with images.edit(**said) if wish.image else images.generate(**said) as response:
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
            error.message = f"{endpoint.provider.title} does not do this at {endpoint.base_url}."
    if re.search("moderation|policy|safety", error.message, re.IGNORECASE):
        error.hint = "Say it in other words."
    if error.hint == TRY_AGAIN:
        error.hint = "Try again, or set another IMAGE_MODEL in .env."


def _said(endpoint: Endpoint, wish: Wish, count: int) -> dict[str, Any]:
    """Return what a request says: only what this model takes."""
    family = family_of(endpoint.model_name)
    said: dict[str, Any] = {"prompt": wish.prompt, "n": count, "size": family.size_of(wish.size, wish.quality)}
    if endpoint.model_name:
        said["model"] = endpoint.model_name
    if wish.quality in family.qualities:
        said["quality"] = family.qualities[wish.quality]
    if family.takes_format:
        said["response_format"] = "b64_json"
    if wish.image:
        said["image"] = ("image.png", wish.image, "image/png")
    return said


def _limited(pieces: Iterator[bytes], endpoint: Endpoint) -> bytes:
    """Return a body.

    Raises: ReplyInterrupted when it is longer than images can be.
    """
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > MAX_BODY_BYTES:
            raise ReplyInterrupted(f"{endpoint.provider.title} sent more than fits into an image.", TRY_AGAIN)
    return bytes(body)
