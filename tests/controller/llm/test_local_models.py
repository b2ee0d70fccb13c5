"""Every GGUF file on this machine is a model to choose from, and one of them runs at a time."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from controller.chat.controller import ChatController
from controller.llm.discovery import build_providers
from controller.llm.discovery.local_models import LocalModels
from controller.llm.providers import Providers
from controller.stages.chatbot_with_memory import MemoryController
from controller.turn import ModelSelection, TurnControl
from model.chat.conversation import Conversation
from model.chat.events import LoadingModel, TextDelta
from model.chat.message import COMPLETE
from model.errors import ModelNotFound, ProviderUnreachable
from model.providers import embedded
from model.providers.embedded import SMALLEST
from settings import Settings
from tests.gguf_files import PLAIN_TEMPLATE, write_gguf
from view.app import build_resources

WEIGHTS = SMALLEST.path  # before a test looks for models elsewhere
needs_weights = pytest.mark.skipif(not SMALLEST.is_here, reason="the smallest model is not installed; `make install`")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of models, in which the smallest one lies."""
    monkeypatch.setattr(embedded, "FOLDER", tmp_path)
    SMALLEST.path.parent.mkdir()
    if WEIGHTS.is_file():
        SMALLEST.path.symlink_to(WEIGHTS)
    else:
        with SMALLEST.path.open("wb") as file:
            file.truncate(SMALLEST.size_bytes)
    return tmp_path


@pytest.fixture
def second(folder: Path) -> Iterator[str]:
    """Return the name of a second model, which is the smallest once more."""
    path = folder / "second.gguf"
    shutil.copyfile(WEIGHTS, path)
    yield path.stem
    path.unlink()  # pytest keeps the folders of some runs


def built(**environ: str) -> Providers:
    return build_providers(Settings.from_env(environ))


def names(providers: Providers) -> list[str]:
    return list(providers.models(providers.embedded).context_windows)


def test_all_files_are_listed_wherever_they_lie(folder: Path, tmp_path: Path):
    write_gguf(folder / "by-hand.gguf")
    write_gguf(folder / "hub/owner/name/Fetched-4B-Q4_K_M.gguf")
    write_gguf(folder / "own/mine.gguf")
    write_gguf(folder / "elsewhere/not-mine.gguf")
    assert names(built()) == [SMALLEST.title, "by-hand", "Fetched-4B-Q4_K_M"]
    assert names(built(LOCAL_MODEL_PATH=str(tmp_path / "own"))) == [
        "mine",
        SMALLEST.title,
        "by-hand",
        "Fetched-4B-Q4_K_M",
    ]


def test_a_file_that_comes_later_is_listed_without_a_restart(folder: Path):
    providers = built()
    path = write_gguf(folder / "hub/a/b/new.gguf")
    assert names(providers) == [SMALLEST.title, "new"]
    path.unlink()
    assert names(providers) == [SMALLEST.title]
    with pytest.raises(ModelNotFound, match="“new” is not on this computer any more"):
        providers.endpoint(providers.embedded, "new")


def test_two_of_one_name_are_told_apart(folder: Path):
    for owner in ("ann", "bob"):
        write_gguf(folder / f"hub/x/{owner}/model.gguf")
    assert names(built())[1:] == ["ann/model", "bob/model"]


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("mmproj-model-f16.gguf", {}),
        ("model-00002-of-00003.gguf", {}),
        ("model-00012-of-00012.gguf", {}),
        ("embed.gguf", {"llama__pooling_type": 1}),
        ("base.gguf", {"tokenizer__chat_template": None}),
    ],
)
def test_what_does_not_chat_is_not_listed_and_not_told(folder: Path, name: str, changed: dict[str, Any]):
    write_gguf(folder / f"hub/a/b/{name}", **changed)
    assert names(built()) == [SMALLEST.title] and built().problems == []


def test_a_model_in_parts_is_one(folder: Path):
    for part in (1, 2, 3):
        write_gguf(folder / f"hub/a/b/Big-Q4-0000{part}-of-00003.gguf", split__count=3)
    assert names(built())[1:] == ["Big-Q4"]


def test_a_damaged_file_is_told_by_name_and_the_others_go_on(folder: Path):
    (folder / "broken.gguf").write_bytes(b"<html>Not found</html>" + bytes(100))
    write_gguf(folder / "good.gguf")
    providers = built()
    assert providers.problems == ["“broken.gguf” can't be used: it is no GGUF file."]
    assert names(providers) == [SMALLEST.title, "good"]
    with pytest.raises(ProviderUnreachable, match="no GGUF file"):
        providers.endpoint(providers.embedded, "broken")


def test_what_a_model_can_do_its_header_tells(folder: Path):
    write_gguf(folder / "large.gguf")
    write_gguf(folder / "small.gguf", 600_000_000)
    write_gguf(folder / "plain.gguf", tokenizer__chat_template=PLAIN_TEMPLATE)
    write_gguf(folder / "hub/a/b/seeing.gguf", llama__context_length=4096)
    write_gguf(folder / "hub/a/b/mmproj-seeing.gguf")
    rows = built().local.rows
    assert (rows["large"].has_tools, rows["large"].is_small, rows["large"].context_window) == (True, False, 8192)
    assert (rows["small"].has_tools, rows["small"].is_small) == (False, True)
    assert (rows["plain"].has_tools, rows["plain"].is_small) == (False, False)
    assert not rows["large"].sees("large", {}) and rows["seeing"].sees("seeing", {})
    assert rows["seeing"].context_window == 4096
    assert rows["large"].primer == () and rows[SMALLEST.title].primer and rows[SMALLEST.title].is_small


def test_the_endpoint_of_a_model_has_its_flags(folder: Path):
    write_gguf(folder / "large.gguf")
    providers = built(LLM_CONTEXT_WINDOW="5000")
    endpoint = providers.endpoint(providers.embedded, "large")
    assert endpoint.provider.has_tools and not endpoint.provider.is_small
    assert (endpoint.model_name, endpoint.context_window) == ("large", 5000)
    assert providers.endpoint(providers.embedded).provider.is_small


@pytest.mark.parametrize(
    ("free_gb", "window", "slots"), [(100, 8192, 2), (0.25, 8192, 1), (0.1, 5208, 1), (0.001, 2048, 1)]
)
def test_the_window_is_as_wide_as_the_memory_allows(
    folder: Path, monkeypatch: pytest.MonkeyPatch, free_gb: float, window: int, slots: int
):
    from controller.llm.discovery import local_files

    monkeypatch.setattr(local_files, "free_memory_bytes", lambda: int(free_gb * 1e9))
    write_gguf(folder / "large.gguf", llama__attention__head_count_kv=2)
    found = next(one for one in local_files.local_models(Settings()) if one.title == "large")
    assert found.slots == slots and abs(found.row.context_window - window) < 20


def asking(providers: Providers, name: str, prompt: str = "Say hello.") -> Callable[[], Conversation]:
    def ask(controller: ChatController | None = None, control: TurnControl | None = None) -> Conversation:
        conversation = Conversation()
        made = controller or MemoryController(build_resources(providers))
        list(made.reply(conversation, prompt, ModelSelection(providers.embedded, name), control))
        return conversation

    return ask


@needs_weights
@pytest.mark.usefixtures("second")
def test_another_model_is_loaded_told_and_answers_and_the_one_before_is_gone():
    providers = built()
    controller, conversation = MemoryController(build_resources(providers)), Conversation()
    assert asking(providers, "")().messages[-1].status == COMPLETE
    assert providers.local.state("").is_running and not providers.local.state("second").is_running
    events = list(controller.reply(conversation, "Say hello.", ModelSelection(providers.embedded, "second")))
    assert [event for event in events if isinstance(event, LoadingModel)] == [LoadingModel("second")]
    assert conversation.messages[-1].model_name == "second" and conversation.messages[-1].status == COMPLETE
    assert providers.local.state("second").is_running and not providers.local.state("").is_running


@needs_weights
@pytest.mark.usefixtures("second")
def test_a_model_goes_when_its_answers_have_ended_and_not_before():
    providers = built()
    first, second, order = Conversation(), Conversation(), list[str]()
    begun, told = Event(), list[LoadingModel]()

    def ask(conversation: Conversation, name: str) -> None:
        controller = MemoryController(build_resources(providers))
        prompt = "Tell me a story of a dog and a cat."
        for event in controller.reply(conversation, prompt, ModelSelection(providers.embedded, name)):
            if isinstance(event, TextDelta):
                begun.set()
                order.append(name)
            elif isinstance(event, LoadingModel):
                told.append(event)

    turns = [Thread(target=ask, args=(first, SMALLEST.title)), Thread(target=ask, args=(second, "second"))]
    turns[0].start()
    begun.wait()
    turns[1].start()
    for turn in turns:
        turn.join()
    assert first.messages[-1].status == second.messages[-1].status == COMPLETE
    assert told[-1] == LoadingModel("second", waits_for=SMALLEST.title)
    assert order == sorted(order, key=lambda name: name == "second")


@needs_weights
@pytest.mark.usefixtures("second")
def test_ten_switches_in_a_row_all_answer():
    providers = built()
    asked = [asking(providers, name, "Hi")().messages[-1] for _ in range(5) for name in (SMALLEST.title, "second")]
    assert [answer.status for answer in asked] == [COMPLETE] * 10


@needs_weights
@pytest.mark.usefixtures("second")
def test_a_model_is_not_waited_for_by_one_that_waits_for_it():
    local = LocalModels(Settings())
    with local.running(SMALLEST.title), local.running(SMALLEST.title):
        with pytest.raises(ProviderUnreachable, match="can't answer while"), local.running("second"):
            pass
    with local.running("second"):
        assert local.state("second").is_running


@needs_weights
@pytest.mark.usefixtures("second")
def test_who_no_longer_wants_a_model_need_not_wait_for_it():
    local, holds, done = LocalModels(Settings()), Event(), Event()

    def hold() -> None:
        with local.running(SMALLEST.title):
            holds.set()
            done.wait()

    other = Thread(target=hold)
    other.start()
    holds.wait()
    with pytest.raises(ProviderUnreachable), local.running("second", lambda: False):
        pass
    done.set()
    other.join()
