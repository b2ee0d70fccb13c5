"""Stage 8 in the browser: pictures by the agent, by hand, and by shapes; the gallery."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from tests.browser.journey import App, Chat
from tests.image_server import ImageReply, ImageServer, Reply, picture
from tests.utils.hostile_drawings import CLEANED
from tests.waiting import FOR_EVER_S
from utils.pictures.svg_clean import clean_svg

PAGE = "/Image_Generation"


@pytest.fixture
def server(model_port: int) -> Iterator[ImageServer]:
    with ImageServer(model_port) as scripted:
        yield scripted


@pytest.fixture(scope="module")
def painting_app(
    executable: str, scripted_variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[App]:
    """Start bnaGPT with a server that makes images."""
    images = {"IMAGE_BASE_URL": scripted_variables["CUSTOM_BASE_URL"], "IMAGE_MODEL": "flux", "CODE_SANDBOX": "monty"}
    app = App(tmp_path_factory.mktemp("painting"), **scripted_variables, **images)
    yield app
    app.kill()


@pytest.fixture
def chat(page: Page, painting_app: App, server: ImageServer) -> Chat:
    """Return stage 8's page, open and empty."""
    painting_app.forget()
    return Chat(page, painting_app).open(PAGE)


def seen(where: Locator) -> Locator:
    """Return the pictures, once each of them is really drawn."""
    images = where.get_by_test_id("stImage").locator("img")
    expect(images.first).to_be_visible()
    for image in images.all():
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("image => image.naturalWidth") > 0
    return images


def test_the_agents_image_is_seen_saved_and_there_after_a_reload(chat: Chat, page: Page, server: ImageServer):
    server.files["fox.png"] = ("image/png", picture("green"))
    server.script_images(ImageReply(rows=[{"url": f"{server.root_url}/files/fox.png"}]))
    server.script(Reply(tool_calls=[("make_image", json.dumps({"prompt": "A fox"}))]), Reply("Here is a fox."))
    chat.ask("A fox, please.")
    chat.answer("Here is a fox.")
    chat.ended()
    for _ in range(2):
        assert seen(chat.answers.last).count() == 1
        assert "/files/" not in (seen(chat.answers.last).get_attribute("src") or "")
        page.reload()
    with page.expect_download() as download:
        chat.button("Save").last.click()
    assert download.value.suggested_filename == "image-1.png"
    assert Path(download.value.path()).read_bytes() == picture("green")


def test_an_image_is_made_and_edited_by_hand(chat: Chat, page: Page, server: ImageServer):
    chat.button("Create image").click()
    page.get_by_label("What should the image show?").fill("A fox")
    chat.button("Create").click()
    chat.answer("Made image-1.png with flux.")
    chat.ended()
    seen(chat.answers.last)
    chat.button("Edit image").click()
    page.get_by_label("What should change in image-1.png?").fill("Make it blue")
    chat.button("Create a variation").click()
    chat.answer("Made image-2.png from image-1.png with flux.")
    chat.ended()
    seen(chat.answers.last)
    assert server.requests == []
    assert [request.path.rpartition("/")[2] for request in server.image_requests] == ["generations", "edits"]


def test_stop_ends_an_image(chat: Chat, server: ImageServer):
    server.script_images(ImageReply(delay_s=FOR_EVER_S))
    chat.ask("/image A fox")
    chat.answer("making an image")
    chat.stop.or_(chat.button("Stop")).first.click()
    chat.answer("Stopped.")
    chat.ended()


def test_the_gallery_shows_all_conversations_and_opens_one(chat: Chat, page: Page, server: ImageServer):
    chat.ask("/image A fox")
    chat.answer("Made image-1.png")
    chat.ended()
    first = chat.address
    chat.button("New chat").click()
    expect(chat.answers).to_have_count(0)
    chat.ask("/image A bear")
    chat.answer("Made image-1.png")
    chat.ended()
    chat.button("Gallery").click()
    gallery = page.get_by_role("dialog")
    expect(gallery.get_by_test_id("stImage")).to_have_count(1)
    gallery.get_by_text("Show images from all conversations").click()
    expect(gallery.get_by_test_id("stImage")).to_have_count(2)
    gallery.get_by_role("button", name=re.compile("Open “")).click()
    expect(gallery).to_be_hidden()
    expect(chat.questions).to_contain_text("A fox")
    assert chat.address == first


def test_without_any_settings_charts_and_drawings_are_made(page: Page, embedded_app: App):
    alerts: list[str] = []

    def note(dialog: Dialog) -> None:
        alerts.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    chat = Chat(page, embedded_app).open(PAGE)
    expect(page.get_by_text("No image model is set.")).to_be_visible()
    chat.button("/chart bar tea 12, coffee 30, juice 7").click()
    chat.answer("Made chart-1.svg. It shows tea: 12, coffee: 30, juice: 7.")
    chat.ended()
    assert (seen(chat.answers.last).get_attribute("src") or "").startswith("data:image/svg+xml")
    chat.button("Draw").click()
    hostile = '<svg viewBox="0 0 9 9" onload="alert(1)"><script>alert(2)</script><image href="http://127.0.0.2/x"/>'
    page.get_by_label("Drawing, as SVG").fill(f'{hostile}<circle r="4"/></svg>')
    page.keyboard.press("Tab")
    expect(page.get_by_text("Left out: script, image")).to_be_visible()
    chat.button("Keep").click()
    chat.answer("Made drawing-2.svg.")
    chat.ended()
    seen(chat.answers.last)
    page.reload()
    expect(chat.answers).to_have_count(2)
    seen(chat.answers.last)
    assert alerts == []


def test_a_browser_draws_what_is_left_of_hostile_drawings_and_asks_nobody(page: Page):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    drawings = [base64.b64encode(clean_svg(text).svg.encode()).decode() for text in CLEANED.values()]
    page.set_content("".join(f'<img src="data:image/svg+xml;base64,{data}">' for data in drawings))
    expect(page.locator("img")).to_have_count(len(CLEANED))
    assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    assert [address for address in asked if not address.startswith("data:")] == []
