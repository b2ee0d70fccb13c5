"""Only a part of an image is changed: by hand and by the model, where the server's model takes masks."""

import json
from collections.abc import Iterator

import pytest

from controller.image_generation import ImageGenerationController
from controller.providers import Providers
from controller.toolbox import Toolbox
from model.conversation import Conversation
from model.errors import ToolFailed
from settings import Settings
from tests.image_server import ImageServer, Reply
from utils.picture_area import Area, mask_of


@pytest.fixture
def server() -> Iterator[ImageServer]:
    with ImageServer() as scripted:
        yield scripted


def studio_with(
    environ: dict[str, str], server: ImageServer, model: str
) -> tuple[ImageGenerationController, Conversation]:
    """Return stage 8 with a server that has this model, and a conversation with one image."""
    settings = Settings.from_env(
        environ | {"IMAGE_BASE_URL": server.base_url, "IMAGE_MODEL": model, "CODE_SANDBOX": "monty"}
    )
    controller, conversation = ImageGenerationController(Providers(settings), Toolbox(settings)), Conversation()
    list(controller.reply(conversation, "/image A fox"))
    return controller, conversation


def test_a_part_that_is_named_by_hand_becomes_a_mask(environ: dict[str, str], server: ImageServer):
    controller, conversation = studio_with(environ, server, "gpt-image-1")
    list(controller.reply(conversation, "/edit image-1.png: Red sky --area 0,0,100,50"))
    sent = server.image_requests[-1].body
    assert sent["mask"] == mask_of(sent["image"], Area(0, 0, 100, 50))
    assert conversation.messages[-1].content == "Made image-2.png from image-1.png with gpt-image-1."


def test_the_model_may_name_a_part_where_masks_are_taken(environ: dict[str, str], server: ImageServer):
    controller, conversation = studio_with(environ, server, "dall-e-2")
    call = ("edit_image", json.dumps({"image": "image-1.png", "prompt": "Red", "area": [0, 50, 50.0, 100]}))
    server.script(Reply(tool_calls=[call]), Reply("Done."))
    list(controller.reply(conversation, "The lower left, please."))
    sent = server.image_requests[-1].body
    assert sent["mask"] == mask_of(sent["image"], Area(0, 50, 50, 100))


def test_other_models_are_not_offered_a_part_and_say_so(environ: dict[str, str], server: ImageServer):
    controller, conversation = studio_with(environ, server, "flux")
    server.script(Reply("Hello."))
    list(controller.reply(conversation, "Hi"))
    [edit] = [tool for tool in server.requests[0].body["tools"] if tool["function"]["name"] == "edit_image"]
    assert "area" not in edit["function"]["parameters"]["properties"]
    with pytest.raises(ToolFailed, match="flux can't change only a part. Leave out the area."):
        list(controller.reply(conversation, "/edit image-1.png: Red --area 0,0,50,50"))
    assert len(server.image_requests) == 1


@pytest.mark.parametrize(("area", "why"), [("50,0,50,100", "nothing in that part"), ("0,0,200,50", "maximum of 100")])
def test_a_part_that_is_none_is_told(environ: dict[str, str], server: ImageServer, area: str, why: str):
    controller, conversation = studio_with(environ, server, "gpt-image-1")
    with pytest.raises(ToolFailed, match=why):
        list(controller.reply(conversation, f"/edit image-1.png: Red --area {area}"))
