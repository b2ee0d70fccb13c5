"""Pictures that a model has put into its answer, on the page."""

import base64
from typing import Any

from model.chat.conversation import Conversation
from model.chat.message import Message
from tests.image_server import picture
from tests.recorded_streams import stream
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen


def test_they_stand_under_the_answer_and_are_there_after_a_reload(screen: Screen, server: ScriptedServer, open_page):
    part = {"image_url": {"url": "data:image/png;base64," + base64.b64encode(picture("red")).decode()}}
    server.script(Reply(raw=stream({"content": "A red square."}, {"images": [part]})))
    screen.ask("Draw a red square")
    for page in (screen, open_page("chatbot_with_memory", screen.address)):
        assert page.messages[-1] == ("assistant", "A red square.") and page.errors == []
        assert len([image for element in page.app.image for image in element.proto.imgs]) == 1
        assert any(caption.startswith("image-1.png") for caption in page.captions)


def test_a_message_that_names_another_file_as_its_picture_draws_none(open_page, store):
    step = {"id": "p", "name": "picture", "result": "", "details": {"pictures": [{"sha256": "../../etc/passwd"}, 5]}}
    rows: list[dict[str, Any]] = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Here.", "tool_steps": [step]},
    ]
    store.save("From elsewhere", Conversation([Message.from_dict(row) for row in rows]))
    page = open_page("chatbot_with_memory")
    page.load("From elsewhere")
    assert page.messages[-1] == ("assistant", "Here.") and list(page.app.image) == [] and page.errors == []
