"""Every first question that a page suggests gets an answer from the model that answers without a key, for real."""

from pathlib import Path

import pytest

from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.stages import STAGES, Stage
from model.chat.conversation import Conversation
from model.chat.message import COMPLETE
from settings import Settings
from tests.conftest import SMALLEST
from utils.model_output.repetition import loop_begins
from view.app import build_resources

MOST_TOKENS = 60  # enough to see that it begins well
ELSEWHERE = {"web_search", "documents", "images"}  # what they ask about has to be there: the web, a file
# What an answer has to hold, where only one thing is right.
HOLDS = {
    "What is the capital of France?": "Paris",
    "What is 2 to the power of 64?": "18,446,744,073,709,551,616",
    "How many days are there from 1 January 2026 to 24 December 2026?": "357",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("suggestions")


@pytest.fixture(scope="module")
def providers(folder: Path) -> Providers:
    environ = SMALLEST | {"CONVERSATIONS_FILE": str(folder / "c.json"), "CODE_SANDBOX": "monty"}
    return build_providers(Settings.from_env(environ))


def prompts_of(row: Stage) -> list[str]:
    return [card.prompt for card in row.suggestions]


# A suggestion that several pages share is tried where it needs the most.
ROWS = {(text, row.is_composed): (row, text) for row in STAGES for text in prompts_of(row) if row.slug not in ELSEWHERE}


@pytest.mark.slow
@pytest.mark.parametrize(("row", "text"), ROWS.values(), ids=[f"{row.slug}: {text}" for row, text in ROWS.values()])
def test_a_suggestion_is_answered(row: Stage, text: str, providers: Providers):
    if text.startswith("/image"):
        pytest.skip("needs a server that makes images; the page suggests it only where there is one")
    conversation = Conversation()
    conversation.choose(max_tokens=MOST_TOKENS)
    list(row.build_controller(build_resources(providers)).reply(conversation, text))
    answer = conversation.messages[-1]
    assert answer.status == COMPLETE and answer.content.strip()
    assert loop_begins(answer.content) is None
    assert HOLDS.get(text, "") in answer.content
    assert all(not step.is_error for step in answer.tool_steps)
