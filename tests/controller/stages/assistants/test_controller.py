"""Assistants: one opens a conversation, which then needs it no more; and a model drafts one."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.stages.assistants.controller import AssistantsController
from controller.stages.assistants.drafting import drafted
from controller.stages.assistants.library import assistant_store
from controller.stages.assistants.opening import assistant_options, missing, start_with_assistant
from controller.stages.chatbot_with_memory import MemoryController
from controller.turn import ModelSelection
from model.assistants.assistant import EMOJI, Assistant
from model.assistants.store import AssistantStore
from model.chat.conversation import Conversation
from model.chat.message_parts import Attachment
from model.errors import InputError, ProviderError
from settings import Settings
from tests.conftest import SMALLEST
from tests.scripted_server import Reply, ScriptedServer
from utils.retrieval.embeddings import FOLDER
from view.app import build_resources

HERE = {"0" * 64}  # the files of this machine
COOK = Assistant("Cook", "You cook soups.", "🍲", tools=("run_code",), temperature=0.3, max_tokens=77)
DRAFT = {
    "name": "Dinner Planner",
    "emoji": "🍲",
    "about": "Plans dinners.",
    "instructions": "You plan dinners for two.",
    "starters": ["What shall we eat?", "Use up rice.", "Something quick?"],
    "tools": ["web_search"],
}


def opened(assistant: Assistant, providers: Providers) -> Conversation:
    conversation = Conversation()
    conversation.choose(**assistant_options(assistant, providers))
    start_with_assistant(conversation, assistant, HERE)
    return conversation


def draft_of(
    providers: Providers, text: str = "It plans dinners.", selection: ModelSelection | None = None
) -> Assistant:
    drafts = drafted(build_resources(providers), text, selection or ModelSelection())
    while True:
        try:
            next(drafts)
        except StopIteration as done:
            draft: Assistant = done.value
            return draft


def test_a_shared_folder_of_assistants_can_not_let_its_tools_run_unasked(tmp_path: Path):
    shared = tmp_path / "shared"
    theirs = AssistantStore(shared, shared / "allowed.json").save(replace(COOK, asks_first=False))
    values = {"ASSISTANTS_DIR": str(shared), "CONVERSATIONS_FILE": str(tmp_path / "conversations.json")}
    store = assistant_store(build_resources(build_providers(Settings.from_env(values))))
    assert store.load(theirs.id).asks_first
    store.save(replace(store.load(theirs.id), asks_first=False))
    assert not assistant_store(build_resources(build_providers(Settings.from_env(values)))).load(theirs.id).asks_first


def test_it_opens_a_conversation_with_its_instructions_and_knobs(providers: Providers, server: ScriptedServer):
    conversation = opened(COOK, providers)
    list(AssistantsController(build_resources(providers)).reply(conversation, "Soup?"))
    body = server.requests[0].body
    assert body["messages"][0]["role"] == "system"
    assert body["messages"][0]["content"].startswith("You cook soups.\n\nYou can run Python")
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert body["temperature"] == 0.3 and 77 in (body.get("max_tokens"), body.get("max_completion_tokens"))
    assert [tool["function"]["name"] for tool in body["tools"]] == ["run_code"]


def test_the_conversation_goes_on_without_it_on_any_page(providers: Providers, server: ScriptedServer):
    conversation = opened(COOK, providers)
    list(AssistantsController(build_resources(providers)).reply(conversation, "Soup?"))
    again = Conversation.of_all(conversation.all_messages)
    list(MemoryController(build_resources(providers)).reply(again, "More?"))
    assert server.requests[-1].body["messages"][0] == {"role": "system", "content": "You cook soups."}


def test_instructions_of_the_conversation_join_those_of_the_assistant(providers: Providers, server: ScriptedServer):
    conversation = opened(replace(COOK, tools=()), providers)
    conversation.choose(instructions="Answer in rhymes.")
    list(AssistantsController(build_resources(providers)).reply(conversation, "Soup?"))
    told = [message["content"] for message in server.requests[0].body["messages"] if message["role"] == "system"]
    assert told == ["You cook soups.\n\nAnswer in rhymes."]


def test_its_documents_belong_to_the_conversation(providers: Providers):
    document = Attachment("0" * 64, "recipes.md")
    conversation = opened(replace(COOK, documents=(document,)), providers)
    assert conversation.messages[0].attachments == [document]


def test_a_document_that_is_not_here_is_told_and_left_out(providers: Providers):
    gone = replace(COOK, documents=(Attachment("1" * 64, "recipes.md"),))
    assert opened(gone, providers).messages[0].attachments == []
    assert missing(gone, providers, HERE) == ["Its document “recipes.md” is not on this machine."]


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the encoder's weights are not installed")
def test_its_documents_are_read_before_it_answers(providers: Providers, server: ScriptedServer):
    resources = build_resources(providers)
    document = resources.attachments.put("recipes.md", b"# Soup\n\nLeek soup takes twenty minutes.\n")
    cook = replace(COOK, tools=("documents",), documents=(document,), asks_first=False)
    conversation = Conversation()
    conversation.choose(**assistant_options(cook, providers))
    start_with_assistant(conversation, cook, resources.attachments.digests())
    list(AssistantsController(resources).reply(conversation, "How long does leek soup take?"))
    assert "twenty minutes" in server.requests[-1].body["messages"][-1]["content"]


def test_one_without_instructions_says_who_it_is(providers: Providers):
    assert opened(Assistant("Cook", about="Cooks."), providers).messages[0].content == "You are Cook. Cooks."


def test_what_it_wants_and_is_not_here_is_told(providers: Providers):
    wanting = replace(COOK, tools=("run_code", "telepathy"), provider="mistral", model_name="m")
    assert len(missing(wanting, providers, HERE)) == 2
    assert assistant_options(wanting, providers)["model_name"] == ""
    assert missing(replace(COOK, provider="openai", model_name="m"), providers, HERE) == []


def test_an_imported_one_asks_first_in_its_conversations(providers: Providers, tmp_path):
    from model.assistants.file import to_text

    taken = AssistantStore(tmp_path / "own", tmp_path / "allowed.json").take_in(to_text(COOK).encode())
    assert opened(taken, providers).options.asks_first
    assert not opened(replace(taken, asks_first=False), providers).options.asks_first


def test_a_model_drafts_one_and_nothing_is_saved(providers: Providers, server: ScriptedServer):
    server.script(Reply(json.dumps(DRAFT)))
    draft = draft_of(providers)
    assert (draft.name, draft.emoji, draft.tools, draft.id) == ("Dinner Planner", "🍲", ("web_search",), "")
    assert draft.starters == tuple(DRAFT["starters"])
    form = server.requests[0].body["response_format"]["json_schema"]
    assert form["strict"] and "run_code" in form["schema"]["properties"]["tools"]["items"]["enum"]


def test_a_draft_that_does_not_fit_is_asked_for_again(providers: Providers, server: ScriptedServer):
    server.script(Reply("Sure! Here it is."), Reply(json.dumps(DRAFT)))
    assert draft_of(providers).name == "Dinner Planner"
    assert len(server.requests) == 2


@pytest.mark.parametrize("text", ["no JSON", "{}", json.dumps(DRAFT | {"tools": ["delete_all"]})])
def test_a_bad_draft_is_refused_with_a_sentence(providers: Providers, server: ScriptedServer, text: str):
    server.default_reply = Reply(text)
    with pytest.raises(InputError, match="draft can't be used"):
        draft_of(providers)


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("name", "x" * 500, "x" * 60),
        ("emoji", "soup", EMOJI),
        ("about", "y" * 500, "y" * 300),
        ("name", "<b>Cook</b>\nx", "<b>Cook</b> x"),
    ],
)
def test_a_draft_is_cut_to_what_the_form_takes(
    providers: Providers, server: ScriptedServer, key: str, value: str, shown: str
):
    server.script(Reply(json.dumps(DRAFT | {key: value})))
    assert getattr(draft_of(providers), key) == shown


def test_a_draft_without_a_name_is_refused(providers: Providers, server: ScriptedServer):
    server.default_reply = Reply(json.dumps(DRAFT | {"name": " "}))
    with pytest.raises(InputError):
        draft_of(providers)


def test_nothing_is_drafted_from_nothing(providers: Providers, server: ScriptedServer):
    with pytest.raises(InputError, match="no description"):
        draft_of(providers, "  ")
    assert server.requests == []


def test_a_provider_that_fails_is_told(providers: Providers, server: ScriptedServer):
    server.default_reply = Reply(status=500)
    with pytest.raises(ProviderError):
        draft_of(providers)


def test_the_embedded_model_drafts_one():
    draft = draft_of(build_providers(Settings.from_env(SMALLEST)), "It plans simple dinners for two people.")
    assert draft.name and draft.instructions and len(draft.starters) <= 3
