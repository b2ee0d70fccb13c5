"""Stage 5: a model that sees gets the pictures, any other the words on them; and no page forgets them."""

import base64
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import pytest
from PIL import Image

from controller.attachments.intake import take_in
from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.resources import Resources
from controller.stages import STAGES
from controller.stages.chatbot_with_memory import MemoryController
from controller.stages.images import BLIND, NO_WORDS, ImagesController
from controller.turn import ModelSelection
from model.chat.conversation import Conversation
from model.chat.events import ReadingWords
from model.chat.message import COMPLETE, Message
from model.chat.message_parts import Attachment
from model.errors import ProviderError, UnsupportedFile
from model.store.json_store import JsonStore
from settings import Settings
from tests import drawn
from tests.conftest import SMALLEST
from tests.replayed import replayed
from tests.scripted_server import Reply, ScriptedServer
from view.app import build_resources

Row = dict[str, Any]
SEES = ModelSelection(model_name="gpt-5-mini")
RECEIPT = drawn.words("Tea 3 euro\nTotal 42 euro")
RED = drawn.saved(Image.new("RGB", (200, 100), "red"))


@pytest.fixture
def resources(providers: Providers) -> Resources:
    return build_resources(providers)


@pytest.fixture
def controller(providers: Providers, resources: Resources) -> ImagesController:
    return ImagesController(resources)


def attach(resources: Resources, data: bytes = RED, name: str = "cat.png") -> list[Attachment]:
    return [one for one in take_in(resources.attachments, name, data) if isinstance(one, Attachment)]


def ask(
    controller: MemoryController,
    question: str,
    files: list[Attachment],
    of: Conversation,
    selection: ModelSelection = SEES,
):
    list(controller.reply(of, question, selection, attachments=files))
    return of.messages[-1]


def sent(server: ScriptedServer, number: int = -1) -> list[Row]:
    rows: list[Row] = server.requests[number].body["messages"]
    return rows


def pictures_in(row: Row) -> list[bytes]:
    """Return the pictures that go with a message over the wire."""
    parts = row["content"] if isinstance(row["content"], list) else []
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    return [base64.b64decode(url.partition(";base64,")[2]) for url in urls]


def test_a_model_that_sees_gets_the_picture_behind_the_question(
    controller: ImagesController, resources: Resources, server: ScriptedServer
):
    files = attach(resources)
    ask(controller, "What is this?", files, Conversation())
    text, picture = sent(server)[-1]["content"]
    assert text == {"type": "text", "text": "What is this?\n\n[Picture “cat.png”]"}
    assert picture["image_url"]["url"].startswith("data:image/png;base64,")
    assert pictures_in(sent(server)[-1]) == [resources.attachments.path(files[0].sha256).read_bytes()]


def test_a_picture_is_sent_again_while_it_is_in_the_window_and_on_every_page(
    controller: ImagesController, providers: Providers, resources: Resources, server: ScriptedServer
):
    conversation = Conversation()
    ask(controller, "What is this?", attach(resources), conversation)
    for stage in (row.controller_class(resources) for row in STAGES if row.has_memory):
        server.script(Reply("{}"))
        list(stage.reply(conversation, "And now?", SEES))
        rows = [row for row in sent(server) if row["role"] == "user"]
        assert len(pictures_in(rows[0])) == 1 and not pictures_in(rows[-1]), stage.slug


def test_a_picture_that_left_the_window_is_not_sent(environ: dict[str, str], server: ScriptedServer):
    providers = build_providers(Settings.from_env(environ | {"LLM_CONTEXT_WINDOW": "2000"}))
    resources = build_resources(providers)
    conversation = Conversation(
        [Message("user", "Look", attachments=attach(resources)), Message("assistant", "A cat.")]
    )
    conversation.messages += [Message(("user", "assistant")[n % 2], f"m{n}", token_count=200) for n in range(10)]
    ask(ImagesController(resources), "Hi", [], conversation)
    assert not any(map(pictures_in, sent(server)))


def test_only_as_many_pictures_as_the_provider_takes_are_sent_the_newest(
    environ: dict[str, str], server: ScriptedServer
):
    on_groq = {"LLM_PROVIDER": "groq", "GROQ_API_KEY": "x", "GROQ_BASE_URL": server.root_url}
    providers = build_providers(Settings.from_env(environ | on_groq))
    resources = build_resources(providers)
    files = [attach(resources, drawn.saved(Image.new("RGB", (60, 60), (n, 0, 0))), f"{n}.png")[0] for n in range(7)]
    conversation = Conversation([Message("user", "Look", attachments=files[:3]), Message("assistant", "Nice.")])
    llama = ModelSelection(model_name="meta-llama/llama-4-scout-17b-16e-instruct")
    ask(ImagesController(resources), "And these?", files[3:], conversation, llama)
    assert [len(pictures_in(row)) for row in sent(server)] == [1, 0, 4]


def test_what_the_model_saw_is_exact_and_holds_a_hash_for_the_picture(
    controller: ImagesController, providers: Providers, resources: Resources, server: ScriptedServer
):
    conversation, files = Conversation(), attach(resources)
    first = ask(controller, "What is this?", files, conversation)
    last = ask(controller, "Sure?", [], conversation)
    for answer in (first, last):
        seen = replayed(providers, conversation, answer)
        assert seen.is_exact
        assert seen.rows[0]["content"][1]["image_url"]["url"] == f"sha256:{files[0].sha256}"
    assert "base64" not in str(seen.rows)


def test_a_picture_counts_as_tokens_in_the_window(
    controller: ImagesController, resources: Resources, server: ScriptedServer
):
    plain = ask(controller, "Hi there", [], Conversation())
    large = ask(controller, "Hi there", attach(resources, drawn.photo((4000, 3000)), "a.jpg"), Conversation())
    assert plain.window_token_count and large.window_token_count
    assert 765 <= large.window_token_count - plain.window_token_count < 785  # 85 + 4 tiles of 170, and the name


def test_no_picture_is_ever_in_the_conversation_file(
    controller: ImagesController, resources: Resources, server: ScriptedServer, tmp_path: Path
):
    conversation = Conversation()
    ask(controller, "Look", attach(resources, drawn.photo(), "a.jpg"), conversation)
    JsonStore(tmp_path / "saved.json").save("Kept", conversation)
    text = (tmp_path / "saved.json").read_text()
    assert len(text) < 2_000 and "base64" not in text
    (file,) = JsonStore(tmp_path / "saved.json").load("Kept").messages[0].attachments
    assert file.is_picture and file.media_type == "image/jpeg"


def test_a_model_that_cannot_see_gets_the_words_and_is_told_so(
    controller: ImagesController, resources: Resources, server: ScriptedServer
):
    conversation = Conversation()
    ask(controller, "How much is it?", attach(resources, RECEIPT, "receipt.png"), conversation, ModelSelection())
    told = sent(server)[-1]["content"]
    assert told.startswith("How much is it?\n\n[Picture “receipt.png”. You can't see it.")
    assert "Tea 3 euro\nTotal 42 euro" in told
    ask(controller, "And the tea?", [], conversation, ModelSelection())
    assert sent(server)[0]["content"] == told


def test_words_are_read_once_and_kept_on_the_message(
    controller: ImagesController, providers: Providers, resources: Resources, server: ScriptedServer
):
    conversation, files = Conversation(), attach(resources, RECEIPT)
    ask(controller, "Look", files, conversation)
    assert conversation.messages[0].attachments[0].words is None  # a model that sees needs none
    events = list(MemoryController(resources).reply(conversation, "How much?", ModelSelection()))
    assert [event.name for event in events if isinstance(event, ReadingWords)] == ["cat.png"]
    assert conversation.messages[0].attachments[0].words == "Tea 3 euro\nTotal 42 euro"
    again = list(MemoryController(resources).reply(conversation, "Sure?", ModelSelection()))
    assert not [event for event in again if isinstance(event, ReadingWords)]
    assert replayed(providers, conversation, conversation.messages[-1]).is_exact


def test_what_a_person_says_of_a_model_counts(
    controller: ImagesController, resources: Resources, server: ScriptedServer
):
    conversation = Conversation()
    conversation.choose(sees_pictures={"scripted": True})
    ask(controller, "What is this?", attach(resources), conversation, ModelSelection())
    assert len(pictures_in(sent(server)[-1])) == 1


def test_a_server_that_refuses_pictures_is_told_with_the_way_out(
    controller: ImagesController, resources: Resources, server: ScriptedServer
):
    server.script(Reply(status=400, error_message="messages[0].content must be a string"), Reply("fine"))
    conversation = Conversation()
    with pytest.raises(ProviderError, match="must be a string") as caught:
        ask(controller, "What is this?", attach(resources), conversation)
    assert "say so in Images" in caught.value.hint
    conversation.choose(sees_pictures={SEES.model_name: False})
    list(
        controller.events(
            conversation,
            controller.retry(conversation, conversation.messages[-1]),
            ModelSelection(model_name=SEES.model_name),
        )
    )
    assert conversation.messages[-1].content == "fine" and not any(map(pictures_in, sent(server)))


def test_a_document_brings_its_words_and_its_pictures(
    controller: ImagesController, resources: Resources, server: ScriptedServer, tmp_path: Path
):
    document = docx.Document()
    document.add_paragraph("The boat is called Rosa.")
    document.add_picture(io.BytesIO(RED))
    document.save(str(tmp_path / "boat.docx"))
    files = attach(resources, (tmp_path / "boat.docx").read_bytes(), "boat.docx")
    assert [(file.name, file.is_picture) for file in files] == [("boat.docx", False), ("boat, image1.png", True)]
    ask(controller, "What is it called?", files, Conversation())
    text = sent(server)[-1]["content"][0]["text"]
    assert "The boat is called Rosa." in text and "[Picture “boat, image1.png”]" in text
    assert len(pictures_in(sent(server)[-1])) == 1


def test_a_picture_that_is_gone_or_none_is_left_out_and_the_turn_goes_on(
    controller: ImagesController, resources: Resources, server: ScriptedServer
):
    fake = replace(resources.attachments.put("a.png", b"<svg/>"), width_px=9, height_px=9)
    gone = replace(fake, sha256="0" * 64)
    evil = replace(fake, sha256="../../../etc/passwd")
    answer = ask(controller, "What is this?", [fake, gone, evil], Conversation())
    assert answer.status == COMPLETE
    assert isinstance(sent(server)[-1]["content"], str)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("towns.csv", b"Name;Town\nBob;Rome\nEve;Oslo\n", "Eve | Oslo"),
        ("notes.txt", b"The key lies under the stone.", "The key lies under the stone."),
        ("page.html", b"<html><body><p>Boats at rest</p></body></html>", "Boats at rest"),
    ],
)
def test_a_document_without_pictures_goes_with_the_question_by_its_words(
    controller: ImagesController, resources: Resources, server: ScriptedServer, name: str, data: bytes, words: str
):
    ask(controller, "What stands there?", attach(resources, data, name), Conversation())
    assert words in str(sent(server)[-1]["content"]) and name in str(sent(server)[-1]["content"])


def test_a_document_whose_words_can_not_be_read_is_told(
    controller: ImagesController, resources: Resources, server: ScriptedServer
):
    file = resources.attachments.put("a.pdf", b"%PDF-1.7 nothing")
    ask(controller, "What stands there?", [file], Conversation())
    assert "is damaged or was cut off" in str(sent(server)[-1]["content"])


def test_a_file_that_is_no_picture_gets_its_sentence(resources: Resources):
    with pytest.raises(UnsupportedFile, match="“a.png” is not a picture") as caught:
        attach(resources, b"text", "a.png")
    assert caught.value.hint


def test_the_model_that_comes_with_bnagpt_reads_out_the_words(tmp_path: Path):
    providers = build_providers(Settings.from_env(SMALLEST | {"CONVERSATIONS_FILE": str(tmp_path / "c.json")}))
    resources = build_resources(providers)
    conversation = Conversation()
    answer = ask(ImagesController(resources), "How much?", attach(resources, RECEIPT), conversation, ModelSelection())
    assert answer.content == f"{BLIND}\n\n> Tea 3 euro  \n> Total 42 euro"
    answer = ask(ImagesController(resources), "How much was the tea?", [], conversation, ModelSelection())
    assert answer.content == f"{BLIND}\n\n> Tea 3 euro"
    answer = ask(ImagesController(resources), "And this?", attach(resources), conversation, ModelSelection())
    assert answer.content == f"{BLIND}\n\n{NO_WORDS}"
