"""Stage 4: every question is answered with the documents in mind, and each passage can be found again."""

from pathlib import Path
from threading import Timer

import pytest

from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.resources import Resources
from controller.stages.documents.controller import NOWHERE, DocumentsController, named_sources
from controller.stages.documents.indexing import indexing_queue
from controller.stages.documents.intent import wants_all, wants_overview
from controller.turn import TurnControl
from model.chat.conversation import Conversation
from model.chat.message import COMPLETE, STOPPED, Message
from model.chat.message_parts import Attachment
from settings import Settings
from tests.conftest import SMALLEST
from tests.scripted_server import Reply, ScriptedServer
from utils.retrieval.embeddings import FOLDER
from utils.text.questions import content_words
from utils.text.untrusted import unfenced
from view.app import build_resources

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the encoder's weights are not installed; `make install`")
HANDBOOK = "# Handbook\n\n## Holidays\n\nEverybody has 29 days of holiday.\n\n## Pay\n\nWages arrive on the 27th.\n"
TRAVEL = "# Travel\n\n## Trains\n\nTickets are booked by Rosa.\n\n## Hotels\n\nAt most 120 euros a night.\n"


@pytest.fixture
def resources(providers: Providers) -> Resources:
    return build_resources(providers)


@pytest.fixture
def controller(providers: Providers, resources: Resources) -> DocumentsController:
    return DocumentsController(resources)


def long_text(count: int = 400) -> str:
    """Return a document that fits no small window."""
    return HANDBOOK + "\n\n".join(f"## Rule {n}\n\nRule {n} is about crates of type {n}. " * 3 for n in range(count))


def attach(resources: Resources, name: str, text: str | bytes) -> Attachment:
    return resources.attachments.put(name, text.encode() if isinstance(text, str) else text)


def ask(controller: DocumentsController, question: str, *files: Attachment, of: Conversation | None = None) -> Message:
    conversation = of or Conversation()
    list(controller.reply(conversation, question, attachments=files))
    return conversation.messages[-1]


def told(server: ScriptedServer) -> str:
    return str(server.requests[-1].body["messages"][-1]["content"])


def test_what_fits_is_told_in_whole_and_named_passages_are_cited(
    controller: DocumentsController, resources: Resources, server: ScriptedServer
):
    server.script(Reply("You have 29 days [1]; Rosa books [3]."))
    files = attach(resources, "handbook.md", HANDBOOK), attach(resources, "travel.md", TRAVEL)
    answer = ask(controller, "How many days, and who books?", *files)
    assert "[1] handbook.md, line 5, Handbook › Holidays:" in told(server)
    assert "[4] travel.md" in told(server) and told(server).endswith("How many days, and who books?")
    assert [(c.number, c.title) for c in answer.citations] == [(1, "handbook.md"), (3, "travel.md")]
    assert answer.citations[0].passage.endswith("Everybody has 29 days of holiday.")
    assert answer.tool_steps[0].details["used"] == "all 4 passages"


def test_a_whole_document_is_told_once_and_not_with_every_question(
    controller: DocumentsController, resources: Resources, server: ScriptedServer
):
    conversation = Conversation()
    ask(controller, "How many days?", attach(resources, "handbook.md", HANDBOOK), of=conversation)
    server.script(Reply("On the 27th [2]."))
    answer = ask(controller, "When do wages arrive?", of=conversation)
    sent = " ".join(str(row["content"]) for row in server.requests[-1].body["messages"])
    assert sent.count("Everybody has 29 days of holiday.") == 1
    assert [c.number for c in answer.citations] == [2]


def test_of_a_long_document_the_fitting_passages_are_told_and_counted(
    providers: Providers, resources: Resources, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("model.providers.provider.Endpoint.prompt_limit", 4000)
    answer = ask(DocumentsController(resources), "How many days off?", attach(resources, "a.md", long_text()))
    assert "Everybody has 29 days of holiday." in told(server)
    assert answer.tool_steps[0].details["used"].startswith("6 of 4")
    assert 1 <= len(answer.citations) <= 3 and len(told(server)) < 12_000


def test_a_question_that_points_back_is_worded_anew_by_the_model(
    controller: DocumentsController, resources: Resources, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("model.providers.provider.Endpoint.prompt_limit", 4000)
    conversation = Conversation()
    ask(controller, "What is rule 7 about?", attach(resources, "a.md", long_text()), of=conversation)
    server.script(Reply("What is rule 8 about?"), Reply("Crates."))
    answer = ask(controller, "And what about the one after it?", of=conversation)
    assert answer.tool_steps[0].details["searched_for"] == "What is rule 8 about?"
    assert "Rule 8 is about crates of type 8." in told(server)


def test_a_model_may_search_count_and_read_on(
    controller: DocumentsController, resources: Resources, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("model.providers.provider.Endpoint.prompt_limit", 6000)
    calls = [("scan_documents", '{"words": "crates"}'), ("read_passages", '{"first": 2, "last": 3}')]
    server.script(Reply(tool_calls=calls), Reply("Many."))
    answer = ask(controller, "Tell me of crates", attach(resources, "a.md", long_text(40)))
    counted, read = [unfenced(step.result or "") for step in answer.tool_steps[1:]]
    assert "“crates” stands in 40 passages, 120 times: a.md 120" in counted
    assert "This counts words, not things" in counted
    assert read.startswith("[2] a.md") and "[3] a.md" in read and "[4]" not in read


def test_a_broken_document_is_told_and_the_others_are_read(
    controller: DocumentsController, resources: Resources, server: ScriptedServer
):
    broken, good = attach(resources, "b.pdf", b"%PDF-1.4 nothing"), attach(resources, "handbook.md", HANDBOOK)
    answer = ask(controller, "How many days?", broken, good)
    assert "“b.pdf” is damaged or was cut off. Get it again, and attach that." in told(server)
    assert "29 days" in told(server) and answer.status == COMPLETE
    answer = ask(controller, "How many days?", broken)
    assert answer.tool_steps[0].is_error and "“b.pdf” is damaged" in told(server)


def test_without_documents_it_is_a_chat_like_any_other(controller: DocumentsController, server: ScriptedServer):
    answer = ask(controller, "Hello")
    assert answer.tool_steps == [] and "tools" not in server.requests[-1].body


def test_stop_ends_the_wait_for_reading_and_reading_goes_on(controller: DocumentsController, resources: Resources):
    conversation, control = Conversation(), TurnControl()
    file = attach(resources, "long.md", long_text(1500))
    Timer(0.5, control.stop.set).start()
    list(controller.reply(conversation, "What?", control=control, attachments=[file]))
    assert conversation.messages[-1].status == STOPPED
    assert indexing_queue(resources).job(file) is not None
    indexing_queue(resources).forget(file.sha256)


def test_what_was_read_outlives_the_program(
    controller: DocumentsController, resources: Resources, providers: Providers
):
    file = attach(resources, "handbook.md", HANDBOOK)
    ask(controller, "How many days?", file)
    assert indexing_queue(build_resources(providers)).job(file) is None


def test_the_model_that_comes_along_answers_in_quotes_or_says_that_nothing_fits(tmp_path: Path):
    settings = Settings.from_env(SMALLEST | {"CONVERSATIONS_FILE": str(tmp_path / "conversations.json")})
    resources = build_resources(build_providers(settings))
    controller, conversation = DocumentsController(resources), Conversation()
    answer = ask(controller, "When are we paid?", attach(resources, "handbook.md", HANDBOOK), of=conversation)
    assert "> Wages arrive on the 27th. [2]" in answer.content and answer.citations[0].number == 2
    assert ask(controller, "Which planets have rings?", of=conversation).content == NOWHERE


def test_the_providers_own_embeddings_are_used_where_that_is_wished(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    from controller.small_models.encoders import ProviderEncoder, encoder_of

    encoder = encoder_of(build_providers(Settings.from_env(environ | {"EMBEDDING_MODEL": "text-embedding-3-small"})))
    assert isinstance(encoder, ProviderEncoder) and encoder.name == "text-embedding-3-small"


@pytest.mark.parametrize("question", ["How many invoices are there?", "List all names", "Find every mention of tea"])
def test_questions_about_all_places_are_known(question: str):
    assert wants_all(question) and not wants_all("What is the price of tea?")


@pytest.mark.parametrize("question", ["Summarise it", "What is this document about?", "Give me the key points"])
def test_questions_about_the_whole_are_known(question: str):
    assert wants_overview(question) and not wants_overview("What is the rent?")


def test_words_that_say_how_to_answer_are_not_counted():
    assert content_words("How many times is the warranty mentioned?") == "warranty"


def test_numbers_in_brackets_are_sources_and_other_brackets_are_not():
    assert named_sources("Yes [3], and [4, 12]; see [a](b) and x[i]. [2–3]") == [3, 4, 12, 2, 3]
    assert named_sources("In [2026] and [] and [1.5]") == [2026]
