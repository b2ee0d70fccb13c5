"""The workspace: which picture of a conversation a name means."""

import pytest

from controller.llm.discovery import build_providers
from controller.resources import Resources
from controller.stages.image_generation.workspace import PictureWorkspace
from controller.turn import Turn, TurnControl
from model.chat.message import Message
from model.chat.message_parts import ToolStep
from model.providers.provider import EMBEDDED, Endpoint
from settings import Settings
from tests.image_server import picture
from view.app import build_resources


@pytest.fixture
def resources(environ: dict[str, str]) -> Resources:
    return build_resources(build_providers(Settings.from_env(environ)))


def plotted(resources: Resources, colour: str) -> Message:
    """Return an answer whose code drew a plot."""
    file = resources.attachments.put("figure-1.png", picture(colour))
    row = {"sha256": file.sha256, "name": file.name, "media_type": "image/png", "size_bytes": 5}
    return Message("assistant", "Here.", tool_steps=[ToolStep("1", "run_code", result="…", details={"files": [row]})])


def studio_of(resources: Resources, *said: Message) -> PictureWorkspace:
    question, endpoint = Message("user", "Change it."), Endpoint(EMBEDDED, "", "", 0, 1.0, "")
    return PictureWorkspace(resources, Turn([], question, said[-1], endpoint, TurnControl(), said=list(said)))


def test_a_plot_can_be_meant_and_its_newest_form_has_the_name(resources: Resources):
    workspace = studio_of(resources, plotted(resources, "red"), plotted(resources, "blue"))
    assert workspace.names == ["figure-1 (2).png", "figure-1.png"]
    assert workspace.bytes_of("figure-1.png") == picture("blue")
    assert workspace.bytes_of("figure-1 (2).png") == picture("red")


def test_a_new_picture_gets_a_name_that_no_plot_has(resources: Resources):
    assert studio_of(resources, plotted(resources, "red")).put("figure", "png", b"").name == "figure-2.png"
