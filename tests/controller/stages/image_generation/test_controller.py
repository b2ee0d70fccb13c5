"""Stage 8: pictures are made for the model and for the person, named, kept, and found again."""

import json
import re
from collections.abc import Iterator

import pytest

from controller.history.file_cleanup import hashes_of
from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.resources import Resources
from controller.stages.image_generation.controller import ImageGenerationController
from controller.turn import ModelSelection, TurnControl
from model.chat.conversation import Conversation
from model.chat.events import ToolProgress
from model.chat.message import COMPLETE, FAILED, STOPPED, Message
from model.errors import BnaError, ToolFailed
from model.pictures.gallery import all_pictures_in
from model.pictures.picture import pictures_of
from model.store.json_store import JsonStore
from settings import Settings
from tests.conftest import SECRET
from tests.image_server import ImageReply, ImageServer, Reply, picture
from tests.waiting import FOR_EVER_S, wait_until
from view.app import build_resources

SVG = '<svg viewBox="0 0 9 9"><script>alert(1)</script><circle r="4" onclick="x()"/></svg>'


@pytest.fixture
def server() -> Iterator[ImageServer]:
    with ImageServer() as scripted:
        yield scripted


@pytest.fixture
def environ(environ: dict[str, str], server: ImageServer) -> dict[str, str]:
    return environ | {"IMAGE_BASE_URL": server.base_url, "IMAGE_MODEL": "flux", "CODE_SANDBOX": "monty"}


@pytest.fixture
def resources(environ: dict[str, str]) -> Resources:
    return build_resources(build_providers(Settings.from_env(environ)))


@pytest.fixture
def controller(providers: Providers, resources: Resources) -> ImageGenerationController:
    return ImageGenerationController(resources)


def call(name: str, **arguments: object) -> tuple[str, str]:
    return name, json.dumps(arguments)


def ask(
    controller: ImageGenerationController,
    conversation: Conversation,
    prompt: str,
    selection: ModelSelection | None = None,
) -> Message:
    list(controller.reply(conversation, prompt, selection))
    return conversation.messages[-1]


def test_the_model_makes_an_image_and_gets_its_name_only(
    controller: ImageGenerationController, server: ImageServer, resources: Resources
):
    server.script(
        Reply(tool_calls=[call("make_image", prompt="A fox", count=2.0, style="x")]), Reply("Here are two foxes.")
    )
    answer = ask(controller, Conversation(), "A fox, please.")
    assert answer.content == "Here are two foxes."
    told = server.requests[1].body["messages"][-1]["content"]
    assert told == "Made image-1.png and image-2.png with flux."
    pictures = list(pictures_of(answer.tool_steps))
    assert [(each.prompt, each.width_px, each.model_name, each.cost_usd) for each in pictures] == [
        ("A fox", 64, "flux", None)
    ] * 2
    assert resources.attachments.path(pictures[0].sha256).read_bytes().startswith(b"\x89PNG")


def test_pictures_are_still_there_after_a_restart_and_never_in_the_conversation_file(
    controller: ImageGenerationController, environ: dict[str, str]
):
    conversation = Conversation()
    ask(controller, conversation, "/image A fox")
    store = JsonStore(controller.providers.settings.conversations_file)
    store.save("Foxes", conversation)
    [kept] = all_pictures_in(JsonStore(store.path).load("Foxes").messages)
    assert kept.prompt == "A fox"
    assert store.path.stat().st_size < 2_000


def test_the_model_edits_an_image_of_an_earlier_turn_by_its_name(
    controller: ImageGenerationController, server: ImageServer, resources: Resources
):
    conversation = Conversation()
    server.script(Reply(tool_calls=[call("make_image", prompt="A fox")]), Reply("A fox."))
    first = ask(controller, conversation, "A fox, please.")
    server.script(Reply(tool_calls=[call("edit_image", image="image-1.png", prompt="Blue")]), Reply("Blue now."))
    answer = ask(controller, conversation, "Make it blue.")
    [edited] = pictures_of(answer.tool_steps)
    assert (edited.name, edited.edited_from, edited.prompt) == ("image-2.png", "image-1.png", "Blue")
    sent = server.image_requests[1].body["image"]
    assert sent.startswith(b"\x89PNG") and first.tool_steps
    tools = {tool["function"]["name"]: tool["function"] for tool in server.requests[2].body["tools"]}
    assert tools["edit_image"]["description"].endswith("image-1.png.")


def test_an_attached_picture_can_be_edited(
    controller: ImageGenerationController, server: ImageServer, resources: Resources
):
    photo = resources.attachments.put("my photo.jpg", picture("blue", kind="JPEG"))
    list(controller.reply(Conversation(), "/edit my photo.jpg: Red", attachments=[photo]))
    assert server.image_requests[0].body["image"].startswith(b"\x89PNG")


def test_a_name_that_is_not_there_is_told_with_those_that_are(
    controller: ImageGenerationController, server: ImageServer
):
    conversation = Conversation()
    ask(controller, conversation, "/image A fox")
    with pytest.raises(ToolFailed, match=r"There is no image “x.png”.*There are: image-1.png"):
        ask(controller, conversation, "/edit x.png: Red")


def test_two_calls_in_one_round_get_two_names(controller: ImageGenerationController, server: ImageServer):
    calls = [call("make_image", prompt="A fox"), call("make_image", prompt="A bear"), call("draw", svg=SVG)]
    server.script(Reply(tool_calls=calls), Reply("Done."))
    answer = ask(controller, Conversation(), "Three pictures.")
    assert [each.name for each in pictures_of(answer.tool_steps)] == ["image-1.png", "image-2.png", "drawing-3.svg"]


def test_by_hand_no_model_is_asked(controller: ImageGenerationController, server: ImageServer):
    answer = ask(controller, Conversation(), "/image A fox --size tall --quality low --count 3")
    assert server.requests == []
    assert answer.content == "Made image-1.png and image-2.png and image-3.png with flux."
    assert (answer.status, answer.model_name) == (COMPLETE, None)
    assert server.image_requests[0].body["size"] == "512x768"


def test_by_hand_the_conversation_can_go_along(controller: ImageGenerationController, server: ImageServer):
    conversation = Conversation()
    server.script(Reply("Foxes live in dens."), Reply("A red fox in front of its den"))
    ask(controller, conversation, "Where do foxes live?")
    answer = ask(controller, conversation, "/image Paint that --context")
    assert "Foxes live in dens." in server.requests[1].body["messages"][-1]["content"]
    assert server.image_requests[0].body["prompt"] == "A red fox in front of its den"
    assert answer.tool_steps[0].arguments == json.dumps({"prompt": "A red fox in front of its den"})


def test_a_refusal_by_hand_can_be_retried(controller: ImageGenerationController, server: ImageServer):
    server.script_images(ImageReply(400, "Your request was rejected by our safety system.", "moderation_blocked"))
    conversation = Conversation()
    with pytest.raises(BnaError, match="safety system. Say it in other words"):
        ask(controller, conversation, "/image A fox")
    assert [message.status for message in conversation.messages] == [FAILED, FAILED]
    list(controller.events(conversation, controller.retry(conversation, conversation.messages[-1])))
    assert conversation.messages[-1].status == COMPLETE and len(all_pictures_in(conversation.messages)) == 1


def test_a_refusal_is_told_to_the_model_and_the_turn_goes_on(
    controller: ImageGenerationController, server: ImageServer
):
    server.script_images(ImageReply(429, "Slow down."))
    server.script(Reply(tool_calls=[call("make_image", prompt="A fox")]), Reply("It is too busy."))
    answer = ask(controller, Conversation(), "A fox, please.")
    assert answer.tool_steps[0].is_error and answer.status == COMPLETE
    assert "asked too often" in server.requests[1].body["messages"][-1]["content"]
    assert SECRET not in json.dumps(answer.to_dict())


def test_a_count_out_of_bounds_asks_nobody(controller: ImageGenerationController, server: ImageServer):
    with pytest.raises(ToolFailed, match="count"):
        ask(controller, Conversation(), "/image A fox --count 400")
    assert server.image_requests == []


def test_stop_ends_an_image_and_the_time_it_takes_is_told_meanwhile(
    controller: ImageGenerationController, server: ImageServer
):
    server.script_images(ImageReply(delay_s=FOR_EVER_S))
    conversation, control = Conversation(), TurnControl()
    told: list[str] = []
    for event in controller.reply(conversation, "/image A fox", control=control):
        told += [event.text] if isinstance(event, ToolProgress) else []
        if len(told) == 3:
            control.stop.set()
    assert told[0] == "making an image…"
    assert re.fullmatch(r"making an image… \d+ s", told[1]) and told[1] != told[2]
    assert conversation.messages[-1].status == STOPPED
    wait_until(lambda: server.image_requests[0].closed_at)


def test_stop_ends_an_image_that_the_model_wants(controller: ImageGenerationController, server: ImageServer):
    server.script_images(ImageReply(delay_s=FOR_EVER_S))
    server.script(Reply(tool_calls=[call("make_image", prompt="A fox")]))
    conversation, control = Conversation(), TurnControl()
    for event in controller.reply(conversation, "A fox, please.", control=control):
        if isinstance(event, ToolProgress):
            control.stop.set()
    assert conversation.messages[-1].status == STOPPED


def test_pictures_are_kept_as_long_as_their_conversation_and_temporary_ones_never_on_disk(
    controller: ImageGenerationController, resources: Resources
):
    kept, temporary = Conversation(), Conversation(is_temporary=True)
    ask(controller, kept, "/image A fox")
    ask(controller, temporary, "/image A bear")
    assert hashes_of(kept) == resources.attachments.digests()
    [bear] = all_pictures_in(temporary.messages)
    assert resources.attachments.path(bear.sha256).parent != resources.attachments.folder


def test_what_was_said_goes_along_as_it_is_where_the_model_is_small(
    controller: ImageGenerationController, server: ImageServer
):
    conversation = Conversation()
    ask(controller, conversation, "Where do foxes live?")
    row = controller.providers.default
    object.__setattr__(row, "has_tools", False)
    try:
        ask(controller, conversation, "/image Paint that --context")
    finally:
        object.__setattr__(row, "has_tools", True)
    prompt = server.image_requests[0].body["prompt"]
    assert prompt.startswith("Paint that\n\nIt is about this:\nuser: Where do foxes live?")
