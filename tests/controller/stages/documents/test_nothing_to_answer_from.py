"""A small model is not asked where there is nothing to answer from: the person hears what is missing."""

from dataclasses import replace

import pytest

from controller.chat.controller import ChatController
from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.stages import STAGES
from controller.stages.documents.controller import NOTHING_ATTACHED, DocumentsController
from controller.stages.images import NOTHING_ATTACHED as NO_PICTURE
from controller.stages.images import ImagesController
from controller.stages.web_search.controller import WebSearchController
from controller.turn import ModelSelection
from model.chat.conversation import Conversation
from model.chat.message import COMPLETE
from settings import Settings
from tests.controller.stages.documents.test_controller import attach
from tests.scripted_server import Reply, ScriptedServer
from view.app import build_resources

SUGGESTED = {row.slug: [card.prompt for card in row.suggestions] for row in STAGES}
FILELESS = [
    *((DocumentsController, text, NOTHING_ATTACHED) for text in SUGGESTED["documents"]),
    *((ImagesController, text, NO_PICTURE) for text in SUGGESTED["images"]),
    (DocumentsController, "Summarise the document, can you?", NOTHING_ATTACHED),
    (ImagesController, "Who is on the photo?", NO_PICTURE),
]


def asked(controller: ChatController, providers: Providers, *questions: str, is_small: bool = True) -> Conversation:
    """Return a conversation with a model at the scripted server."""
    conversation = Conversation()
    for question in questions:
        selection = ModelSelection(replace(providers.default, is_small=is_small, has_tools=not is_small))
        list(controller.reply(conversation, question, selection))
    return conversation


@pytest.mark.parametrize(("stage", "question", "told"), FILELESS, ids=[row[1] for row in FILELESS])
def test_a_question_about_a_file_that_is_not_there(
    providers: Providers, server: ScriptedServer, stage: type[DocumentsController], question: str, told: str
):
    assert asked(stage(build_resources(providers)), providers, question).messages[-1].content == told
    assert not server.requests


@pytest.mark.parametrize(
    ("stage", "questions", "is_small"),
    [
        (DocumentsController, ["What is this document about?"], False),
        (DocumentsController, ["What is a document?"], True),
        (DocumentsController, ["Write a report about cats."], True),
        (ImagesController, ["What is the picture of Dorian Gray about?"], True),
    ],
)
def test_others_are_asked(
    providers: Providers,
    server: ScriptedServer,
    stage: type[DocumentsController],
    questions: list[str],
    is_small: bool,
):
    server.script(Reply("Hm."))
    assert (
        asked(stage(build_resources(providers)), providers, *questions, is_small=is_small).messages[-1].content == "Hm."
    )


def test_a_search_that_failed_is_told_and_nothing_is_made_up(environ: dict[str, str], server: ScriptedServer):
    settings = Settings.from_env(environ | {"WEB_SEARCH": "searxng", "SEARXNG_URL": "http://127.0.0.1:9"})
    providers = build_providers(settings)
    answer = asked(WebSearchController(build_resources(providers)), providers, "How tall is the Eiffel Tower?")
    newest = answer.messages[-1]
    assert newest.status == COMPLETE and newest.content.startswith("I could not look that up. ")
    assert (newest.tool_steps[0].result or "?") in newest.content and not server.requests


def test_all_files_that_can_not_be_read_are_told(providers: Providers):
    resources, conversation = build_resources(providers), Conversation()
    files = [attach(resources, "broken.pdf", b"rubbish"), attach(resources, "void.txt", b"")]
    selection = ModelSelection(replace(providers.default, is_small=True, has_tools=False))
    list(DocumentsController(resources).reply(conversation, "What is in these?", selection, attachments=files))
    told = conversation.messages[-1].content
    assert "broken.pdf" in told and "void.txt" in told
