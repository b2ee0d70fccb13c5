"""The memory's work in the background: it makes way for answers, ends when told, and sends nothing anywhere."""

from threading import Event

import pytest

from controller.resources import Resources
from controller.small_models.encoders import local_encoder, shared_encoder
from controller.stages.log.memory.recall import Memory, forget_passages, lower_priority, memory_of
from model.errors import AllDeleted
from settings import Settings
from tests.waiting import PATIENCE_S, wait_until
from tests.words_encoder import WordsEncoder
from view.app import build_resources


@pytest.fixture
def encoder() -> WordsEncoder:
    return WordsEncoder()


def memory_with(resources: Resources, encoder: WordsEncoder) -> Memory:
    assert resources.store
    return Memory(resources, resources.store, encoder)


def test_it_waits_while_answers_are_written_and_goes_on_then(resources, said, encoder):
    for number in range(30):
        said(f"Conversation {number}", f"the thing number {number} is told")
    is_answering, looked = [True], Event()

    def answering() -> bool:
        looked.set()
        return is_answering[0]

    resources.is_answering = answering
    memory = memory_with(resources, encoder)
    memory.begin()
    assert looked.wait(PATIENCE_S) and encoder.encoded == []
    is_answering[0] = False
    wait_until(lambda: memory.index.share() == 1.0)
    assert len(encoder.encoded) == 30
    memory.close()


def test_an_answer_that_begins_meanwhile_stops_it_at_the_next_batch(resources, said, encoder):
    said("Long", *(f"the thing number {number} is told" for number in range(200)))
    is_answering = [False]
    encoder.when_asked = lambda: is_answering.__setitem__(0, True)
    resources.is_answering = lambda: is_answering[0]
    memory = memory_with(resources, encoder)
    memory.begin()
    wait_until(lambda: encoder.encoded)
    worker = memory._worker
    assert worker
    memory.close()
    worker.join(PATIENCE_S)
    assert not worker.is_alive() and len(encoder.encoded) <= 16


def test_after_the_account_is_closed_nothing_is_written(resources, said, encoder, tmp_path):
    said("A", "the thing is told")
    memory = memory_with(resources, encoder)
    resources.close()
    memory.begin()
    with pytest.raises(AllDeleted):
        memory.recall("thing")
    forget_passages(resources, None)
    assert not list(tmp_path.glob("*.memory"))


def test_what_nobody_uses_is_not_built_when_something_is_deleted(resources, said, tmp_path):
    said("A", "the thing is told")
    forget_passages(resources, None)
    assert not list(tmp_path.glob("*.memory")) and memory_of not in resources._built


def test_vectors_are_made_here_whatever_the_documents_use(environ):
    from controller.llm.discovery import build_providers

    providers = build_providers(Settings.from_env(environ | {"EMBEDDING_MODEL": "text-embedding-3-small"}))
    resources = build_resources(providers)
    assert local_encoder(resources).name == "minilm-l6"
    assert shared_encoder(resources).name == "text-embedding-3-small"


def test_a_thread_of_low_priority_makes_no_other_slow(monkeypatch):
    asked: list[tuple[int, int, int]] = []
    monkeypatch.setattr("os.setpriority", lambda *told: asked.append(told), raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    lower_priority()
    assert [told[2] for told in asked] == [19]
