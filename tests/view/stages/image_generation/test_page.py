"""Stage 8 on the page: pictures under answers, forms by hand, and the gallery."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.llm.discovery import build_providers
from settings import Settings
from tests.image_server import ImageReply, ImageServer, Reply, picture
from tests.view.conftest import Screen
from view.app import build_resources
from view.shell.services import the_app


@pytest.fixture
def server() -> Iterator[ImageServer]:
    with ImageServer() as scripted:
        yield scripted


@pytest.fixture
def environ(environ: dict[str, str], server: ImageServer) -> dict[str, str]:
    return environ | {"IMAGE_BASE_URL": server.base_url, "IMAGE_MODEL": "flux", "CODE_SANDBOX": "monty"}


@pytest.fixture
def painter(open_page) -> Screen:
    screen: Screen = open_page("image_generation")
    return screen


@pytest.fixture
def drawer(open_page, monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Return the page where no image model is set."""
    monkeypatch.setenv("IMAGE_BASE_URL", "")
    monkeypatch.setenv("IMAGE_MODEL", "")
    screen: Screen = open_page("image_generation")
    return screen


def area(screen: Screen, label: str):
    [found] = [each for each in screen.app.text_area if each.label.startswith(label)]
    return found


def pictures(screen: Screen) -> list[str]:
    """Return the addresses of all pictures on the page."""
    return [image.url for element in screen.app.image for image in element.proto.imgs]


def test_the_agents_image_stands_under_its_answer(painter: Screen, server: ImageServer):
    call = ("make_image", json.dumps({"prompt": "A fox"}))
    server.script(Reply(tool_calls=[call]), Reply("Here is a fox."))
    painter.ask("A fox, please.")
    assert painter.messages[-1] == ("assistant", "Here is a fox.")
    assert "image-1.png · A fox · 64 × 64 · flux" in painter.captions
    assert len(pictures(painter)) == 1


def test_an_image_is_made_and_edited_by_hand(painter: Screen, server: ImageServer):
    painter.click("Create image")
    area(painter, "What should the image show?").set_value("A fox")
    painter.app.selectbox(key="bna.image_generation.size.1").set_value("wide")
    painter.click("Create")
    assert painter.messages[-2] == ("user", "/image A fox --size wide")
    assert server.image_requests[0].body["size"] == "1536x1024"
    painter.click("Edit image")
    area(painter, "What should change in image-1.png?").set_value("Blue")
    painter.click("Create a variation")
    assert painter.messages[-1] == ("assistant", "Made image-2.png from image-1.png with flux.")
    assert server.requests == []
    assert len(pictures(painter)) == 2


def test_a_refusal_offers_retry(painter: Screen, server: ImageServer):
    server.script_images(ImageReply(429, "Slow down.", retry_after_s=5))
    painter.ask("/image A fox")
    assert any("asked too often" in text for text in painter.everything().splitlines())
    painter.click("Retry")
    assert painter.messages[-1] == ("assistant", "Made image-1.png with flux.")


def test_a_drawing_is_seen_while_it_is_written_and_kept(drawer: Screen, server: ImageServer):
    drawer.click("Draw")
    area(drawer, "Drawing").set_value('<svg viewBox="0 0 9 9"><script>x</script><circle r="4"/></svg>').run()
    assert "Left out: script" in drawer.captions
    assert len(pictures(drawer)) == 1
    drawer.click("Keep")
    drawer.click("Close")
    [address] = pictures(drawer)
    assert address.startswith("data:image/svg+xml;base64,")
    drawer.click("Edit image")
    assert "<circle" in area(drawer, "Drawing").value and "script" not in area(drawer, "Drawing").value
    assert server.requests == []


def test_a_drawing_that_can_not_be_drawn_is_told_and_not_kept(drawer: Screen):
    drawer.click("Draw")
    area(drawer, "Drawing").set_value("<svg><circle></svg>").run()
    assert drawer.warnings[0].startswith("This is no valid SVG")
    assert drawer.button("Keep").disabled


def test_a_chart_is_seen_before_it_is_kept(drawer: Screen):
    drawer.click("Chart")
    area(drawer, "One label").set_value("tea 1\nmilk 3").run()
    drawer.click("Keep")
    assert drawer.messages[-1][1] == "Made chart-1.svg. It shows tea: 1, milk: 3."
    area(drawer, "One label").set_value("nothing").run()
    assert drawer.warnings == ["A chart needs at least two numbers with a label each."]


def test_without_an_image_model_the_page_says_what_to_set_and_offers_the_rest(drawer: Screen):
    assert any("No image model is set." in caption and "IMAGE_BASE_URL=…" in caption for caption in drawer.captions)
    assert "Create image" not in drawer.buttons
    assert "**An image** /image A lighthouse at dusk, in watercolour" not in drawer.buttons
    assert "**A line chart** /chart line Visitors: Jan 310, Feb 420, Mar 380, Apr 560" in drawer.buttons
    assert "Images: not set up" in drawer.captions
    drawer.ask("/image A fox")
    assert any("No image model is set" in error for error in drawer.errors)


def test_the_gallery_shows_this_conversations_pictures_with_the_way_to_change_them(painter: Screen):
    painter.ask("/image A fox")
    painter.click("Gallery")
    assert len(pictures(painter)) == 2  # under the answer, and in the gallery
    assert painter.buttons.count("Edit image") >= 2


def test_the_gallery_leads_to_where_a_picture_was_made(painter: Screen, open_page):
    painter.ask("/image A fox")
    other: Screen = open_page("image_generation")
    other.click("Gallery")
    assert any("image-1.png · A fox" in caption for caption in other.captions)
    [label] = [label for label in other.buttons if label.startswith("Open “")]
    other.click(label)
    assert other.address == painter.address


def test_a_plot_hangs_in_the_gallery_and_can_be_changed_only_where_images_are_made(
    drawer: Screen, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, open_page
):
    file = build_resources(build_providers(Settings.from_env(environ))).attachments.put("figure-1.png", picture())
    row = {"sha256": file.sha256, "name": file.name, "media_type": "image/png", "size_bytes": 5}
    step = {"id": "1", "name": "run_code", "result": "Files", "details": {"files": [row]}}
    question = {"role": "user", "content": "Plot it", "id": "a"}
    messages = [question, {"role": "assistant", "content": "Here.", "id": "b", "tool_steps": [step]}]
    Path(environ["CONVERSATIONS_FILE"]).write_text(json.dumps({"Plots": messages}))
    screen = open_page("image_generation", "a")
    screen.click("Gallery")
    assert "figure-1.png · Plot it" in screen.captions and "Edit image" not in screen.buttons
    monkeypatch.setenv("IMAGE_BASE_URL", environ["IMAGE_BASE_URL"])
    the_app.clear()
    screen = open_page("image_generation", "a")
    screen.click("Gallery")
    screen.click("Edit image")
    assert area(screen, "What should change in figure-1.png?")


@pytest.mark.parametrize("slug", ["chatbot_with_memory", "run_code", "voice"])
def test_other_pages_show_the_pictures_too(painter: Screen, open_page, slug: str):
    painter.ask("/image A fox")
    assert len(pictures(open_page(slug, painter.address))) == 1


def test_a_picture_that_is_gone_or_forged_is_told(painter: Screen, environ: dict[str, str], open_page):
    row = {"sha256": "0" * 64, "name": "x.png", "media_type": "image/png", "size_bytes": 1}
    row |= {"width_px": 1, "height_px": 1}
    step = {"id": "1", "name": "make_image", "result": "Made.", "details": {"pictures": [row, "forged", {"a": 1}]}}
    messages = [
        {"role": "user", "content": "Hi", "id": "a"},
        {"role": "assistant", "content": "Made.", "id": "b", "tool_steps": [step]},
    ]
    with open(environ["CONVERSATIONS_FILE"], "w") as file:
        file.write(json.dumps({"Forged": messages}))
    screen = open_page("image_generation", "a")
    assert "x.png: An attached file is no longer there." in screen.captions
