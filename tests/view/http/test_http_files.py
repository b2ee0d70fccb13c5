"""Files over HTTP: a picture arrives as one, a document is read, and what is no file is refused."""

from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.api_server import ApiServer
from tests.image_server import picture
from tests.scripted_server import Reply, ScriptedServer
from tests.utils.reading import files_to_read
from tests.waiting import PATIENCE_S

PNG = b64encode(picture()).decode()
URL = f"data:image/png;base64,{PNG}"
SEES = "gpt-5-mini"
RAIN = {"name": "rain.txt", "data": b64encode(b"The rain gauge on the roof of the old mill held 41 mm.").decode()}


def pictures(server: ScriptedServer) -> list[list[bytes]]:
    """Return the pictures of each message that was sent last."""
    rows = [row["content"] for row in server.requests[-1].body["messages"]]
    parts = [[part for part in row if part["type"] == "image_url"] if isinstance(row, list) else [] for row in rows]
    return [[b64decode(part["image_url"]["url"].partition(",")[2]) for part in row] for row in parts]


@pytest.mark.parametrize("path", ["/chat", "/chat/stream"])
def test_a_picture_arrives_and_stays_with_its_conversation(api: ApiServer, server: ScriptedServer, path: str):
    wish = {"message": "What is this?", "stage": "images", "conversation_id": "one", "model": SEES}
    sent = [{"name": "red.png", "data": PNG}]
    assert api.client.post(path, json={**wish, "attachments": sent}).status_code == 200
    assert [len(row) for row in pictures(server)] == [1] and pictures(server)[0][0].startswith(b"\x89PNG")
    assert api.client.post("/chat", json={**wish, "message": "And now?"}).status_code == 200
    assert [len(row) for row in pictures(server)] == [1, 0, 0]


def test_a_model_that_sees_looks_for_one_that_does_not(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch):
    with ScriptedServer() as seeing:
        seeing.default_reply = Reply("A red field.")
        eyes = {"VISION_PROVIDER": "custom", "VISION_MODEL": "eyes", "CUSTOM_BASE_URL": seeing.base_url}
        for name, value in eyes.items():
            monkeypatch.setenv(name, value)
        server.script(Reply("It is red."))
        api = ApiServer()
        wish = {"message": "What is this?", "stage": "chatbot_with_memory", "conversation_id": "one"}
        sent = [{"name": "red.png", "data": PNG}]
        response = api.client.post("/chat", json={**wish, "attachments": sent})
        api.close()
    assert response.json()["response"] == "It is red." and len(seeing.requests) == 1
    assert "A red field." in str(server.requests[-1].body["messages"]) and pictures(server) == [[]]


def test_a_document_is_read_in_its_stage(api: ApiServer, server: ScriptedServer):
    server.script(Reply("41 mm"))
    wish = {"message": "What did the rain gauge hold?", "stage": "documents", "attachments": [RAIN]}
    assert api.client.post("/chat", json=wish).json()["response"] == "41 mm"
    assert "old mill held 41 mm" in str(server.requests[-1].body["messages"])


def test_every_kind_that_is_promised_is_read(api: ApiServer, server: ScriptedServer, tmp_path: Path):
    sent = []
    for name, make_file, _ in files_to_read.PROMISED:
        make_file(tmp_path / name)
        sent.append({"name": name, "data": b64encode((tmp_path / name).read_bytes()).decode()})
    server.script(Reply("All."))
    wish = {"message": "What stands in all of these?", "stage": "documents", "attachments": sent}
    assert api.client.post("/chat", json=wish).json()["response"] == "All."
    said = str(server.requests[-1].body["messages"])
    assert [name for name, _, words in files_to_read.PROMISED if words not in said.replace("\\\\n", " ")] == []


@pytest.mark.parametrize(
    ("stage", "name", "data", "status", "says"),
    [
        ("documents", "rain.txt", "no base64!", 422, "not base64"),
        ("documents", "../rain.txt", RAIN["data"], 422, "valid file name"),
        ("documents", " ", RAIN["data"], 422, "valid file name"),
        ("images", "red.png", RAIN["data"], 415, "red.png"),
        ("simple_chatbot", "rain.txt", RAIN["data"], 422, "takes no files"),
    ],
)
def test_what_can_not_be_taken_is_told(
    api: ApiServer, server: ScriptedServer, stage: str, name: str, data: str, status: int, says: str
):
    wish = {"message": "Hi", "stage": stage, "attachments": [{"name": name, "data": data}]}
    refusal = api.client.post("/chat/stream", json=wish)
    assert refusal.status_code == status and says in refusal.json()["detail"]
    assert server.requests == [] and api.client.get("/conversations").json() == []


def test_openais_clients_send_pictures_as_parts(api: ApiServer, server: ScriptedServer):
    said: list[Any] = [
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": URL}}]},
        {"role": "assistant", "content": "Red"},
        {
            "role": "user",
            "content": [{"type": "text", "text": "Sure?"}, {"type": "image_url", "image_url": {"url": URL}}],
        },
    ]
    with openai.OpenAI(base_url=f"http://{api.host}/v1", api_key="none", max_retries=0, timeout=PATIENCE_S) as client:
        client.chat.completions.create(model="bnagpt-images", messages=said, extra_body={"provider_model": SEES})
        assert [len(row) for row in pictures(server)] == [1, 0, 1]
        for model, url in (("bnagpt-simple-chatbot", URL), ("bnagpt-images", "https://example.org/red.png")):
            part = {"type": "image_url", "image_url": {"url": url}}
            with pytest.raises(openai.UnprocessableEntityError):
                client.chat.completions.create(model=model, messages=[{"role": "user", "content": [part]}])  # type: ignore[list-item,misc]
    assert len(server.requests) == 1
