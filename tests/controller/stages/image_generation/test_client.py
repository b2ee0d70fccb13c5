"""Images by the published protocol: what is asked, what may come, and what is refused."""

import base64
from collections.abc import Iterator
from threading import Timer

import pytest

from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.stages.image_generation.client import ImageRequest, image_endpoint, make_images
from model.errors import (
    BnaError,
    MissingKey,
    ModelNotFound,
    ProviderError,
    ProviderUnreachable,
    RateLimited,
    ReplyInterrupted,
    ToolFailed,
)
from model.providers.provider import Endpoint
from settings import Settings
from tests.conftest import SECRET
from tests.image_server import ImageReply, ImageServer, picture
from tests.waiting import FOR_EVER_S, wait_until
from utils.threads.stop import CancellationToken


@pytest.fixture
def server() -> Iterator[ImageServer]:
    with ImageServer() as scripted:
        yield scripted


def providers_with(**variables: str) -> Providers:
    return build_providers(Settings.from_env(variables))


@pytest.fixture
def own(server: ImageServer) -> Providers:
    """Return settings with a server of its own for images, which wants a key."""
    return providers_with(IMAGE_BASE_URL=server.base_url, IMAGE_API_KEY=SECRET, IMAGE_MODEL="flux")


def needed(endpoint: Endpoint | None) -> Endpoint:
    assert endpoint is not None
    return endpoint


def make(providers: Providers, request: ImageRequest, stop: CancellationToken | None = None):
    return make_images(providers, needed(image_endpoint(providers)), request, stop or CancellationToken())


def asked(server: ImageServer):
    return server.image_requests[-1].body


def test_nothing_set_means_no_images():
    assert image_endpoint(providers_with()) is None


def test_a_server_for_images_is_asked_while_another_provider_talks():
    providers = providers_with(GROQ_API_KEY="x", IMAGE_BASE_URL="http://127.0.0.1:8080/v1/", OPENAI_API_KEY="y")
    endpoint = needed(image_endpoint(providers))
    assert (endpoint.base_url, endpoint.key, endpoint.model_name) == ("http://127.0.0.1:8080/v1", "", "")


def test_openai_makes_images_with_its_own_model_although_another_talks():
    endpoint = needed(image_endpoint(providers_with(LLM_PROVIDER="groq", GROQ_API_KEY="x", OPENAI_API_KEY=SECRET)))
    assert (endpoint.provider.name, endpoint.model_name, endpoint.timeout_s) == ("openai", "gpt-image-1", 120)
    assert SECRET not in repr(endpoint)


def test_at_another_address_only_a_model_that_is_named_makes_images():
    moved = {"OPENAI_API_KEY": "x", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    assert image_endpoint(providers_with(**moved)) is None
    assert needed(image_endpoint(providers_with(**moved, IMAGE_MODEL="flux"))).model_name == "flux"
    assert image_endpoint(providers_with(ANTHROPIC_API_KEY="x", IMAGE_MODEL="flux")) is None


def test_a_request_holds_what_an_unknown_server_takes(own: Providers, server: ImageServer):
    [one, two] = make(own, ImageRequest("A fox", "wide", "high", 2))
    assert asked(server) == {
        "model": "flux",
        "prompt": "A fox",
        "n": 2,
        "size": "1536x1024",
        "response_format": "b64_json",
    }
    assert server.image_requests[0].headers["authorization"] == f"Bearer {SECRET}"
    assert one.picture.media_type == "image/png" and one.picture.data != two.picture.data
    assert one.cost_usd is None


def test_each_family_is_asked_in_its_own_way(server: ImageServer):
    def ask(model: str, request: ImageRequest):
        make(providers_with(IMAGE_BASE_URL=server.base_url, IMAGE_MODEL=model), request)
        return asked(server)

    assert "response_format" not in ask("gpt-image-1", ImageRequest("A fox", quality="low"))
    assert asked(server)["quality"] == "low"
    assert ask("dall-e-3", ImageRequest("A fox", "tall", "high", 2))["n"] == 1
    assert (asked(server)["quality"], asked(server)["size"]) == ("hd", "1024x1792")
    assert [request.body["n"] for request in server.image_requests[-2:]] == [1, 1]


def test_an_edit_goes_as_a_form_with_the_picture(own: Providers, server: ImageServer):
    make(own, ImageRequest("Red sky", image=picture("blue")))
    request = server.image_requests[-1]
    assert request.path.endswith("/images/edits")
    assert request.body["image"] == picture("blue") and request.body["prompt"] == "Red sky"
    assert "mask" not in request.body


def test_an_address_of_the_image_server_is_fetched_here(own: Providers, server: ImageServer):
    server.files["fox.webp"] = ("image/webp", picture("green", kind="WEBP"))
    server.script_images(ImageReply(rows=[{"url": f"{server.root_url}/files/fox.webp", "revised_prompt": "A red fox"}]))
    [made] = make(own, ImageRequest("A fox"))
    assert (made.picture.media_type, made.picture.ending, made.wording) == ("image/webp", "webp", "A red fox")
    server.script_images(ImageReply(rows=[{"url": "/files/fox.webp"}]))
    assert make(own, ImageRequest("A fox"))[0].picture.width_px == 64


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:22/x.png", "http://169.254.169.254/x.png", "file:///etc/passwd", "ftp://x/y", "", "x y"]
)
def test_no_other_private_address_is_opened(own: Providers, server: ImageServer, url: str):
    server.script_images(ImageReply(rows=[{"url": url}]))
    with pytest.raises(BnaError):
        make(own, ImageRequest("A fox"))


BROKEN = base64.b64encode(picture(size=(300, 300))[:200]).decode()
HUGE = base64.b64encode(picture(size=(6000, 6000))).decode()


@pytest.mark.parametrize(
    "row",
    [
        {"b64_json": base64.b64encode(b"<html>").decode()},
        {"b64_json": "%%%"},
        {"b64_json": 5},
        {"b64_json": BROKEN},
        {"b64_json": HUGE},
        {"b64_json": base64.b64encode(b"<svg onload='alert(1)'/>").decode()},
        {},
    ],
)
def test_what_is_no_picture_is_refused(own: Providers, server: ImageServer, row: dict[str, object]):
    server.script_images(ImageReply(rows=[row]))
    with pytest.raises(ToolFailed):
        make(own, ImageRequest("A fox"))


@pytest.mark.parametrize(
    "reply", [ImageReply(rows=[]), ImageReply(rows=["x"]), ImageReply(body=b"{"), ImageReply(body=b"[]")]
)
def test_an_answer_that_is_none_is_told(own: Providers, server: ImageServer, reply: ImageReply):
    server.script_images(reply)
    with pytest.raises(ReplyInterrupted):
        make(own, ImageRequest("A fox"))


@pytest.mark.parametrize(
    ("reply", "kind", "hint"),
    [
        (ImageReply(400, "Rejected by our safety system.", "moderation_blocked"), ProviderError, "in other words"),
        (ImageReply(400, "Unknown size."), ProviderError, "IMAGE_MODEL"),
        (ImageReply(401, "No."), MissingKey, "IMAGE_API_KEY"),
        (ImageReply(404, "No such route."), ModelNotFound, "IMAGE_MODEL"),
        (ImageReply(429, "Slow down.", retry_after_s=7), RateLimited, "Wait 7 seconds"),
        (ImageReply(500, "Oops."), ProviderUnreachable, "Try again"),
    ],
)
def test_faults_become_one_sentence_and_a_way_out(
    own: Providers, server: ImageServer, reply: ImageReply, kind: type[BnaError], hint: str
):
    server.script_images(reply)
    with pytest.raises(kind) as caught:
        make(own, ImageRequest("A fox"))
    assert hint in caught.value.hint
    assert SECRET not in caught.value.message


def test_what_came_before_a_fault_is_kept(server: ImageServer):
    server.script_images(ImageReply(), ImageReply(429))
    providers = providers_with(IMAGE_BASE_URL=server.base_url, IMAGE_MODEL="dall-e-3")
    assert len(make(providers, ImageRequest("A fox", count=3))) == 1


def test_stop_ends_a_request(own: Providers, server: ImageServer):
    server.script_images(ImageReply(delay_s=FOR_EVER_S))
    stop = CancellationToken()
    Timer(0.3, stop.set).start()
    with pytest.raises(BnaError):
        make(own, ImageRequest("A fox"), stop)
    wait_until(lambda: server.image_requests and server.image_requests[0].closed_at)


def test_no_server_is_told_with_its_address(own: Providers, server: ImageServer):
    server.close()
    with pytest.raises(ProviderUnreachable, match=r"Image server can't be reached at 127"):
        make(own, ImageRequest("A fox"))
