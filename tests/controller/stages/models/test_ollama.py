"""Ollama's models are listed, pulled, paused and deleted over its own API."""

import pytest

from controller.stages.models.downloads import DONE, FAILED, PAUSED, Download
from controller.stages.models.library import ModelLibrary
from controller.stages.models.ollama import Ollama, OllamaModel
from model.errors import DownloadFailed, InputError
from tests.ollama_server import OllamaServer
from tests.scripted_server import ScriptedServer
from tests.waiting import wait_until
from utils.threads.stop import CancellationToken


def ended(download: Download) -> str:
    wait_until(lambda: not download.is_under_way)
    return download.state


def test_a_model_is_pulled_listed_and_deleted(library: ModelLibrary, ollama: OllamaServer):
    found = library.pull(" tiny:latest ")
    assert ended(found) == DONE and (found.done_bytes, found.size_bytes) == (1000, 1000)
    assert library.ollama.models() == [OllamaModel("tiny:latest", 1000, "1.0B", "Q4_K_M")]
    library.delete_from_ollama("tiny:latest")
    assert library.ollama.models() == []
    library.delete_from_ollama("tiny:latest")  # it is gone, and that is what was wanted


def test_a_pull_is_paused_and_gone_on_with(library: ModelLibrary, ollama: OllamaServer):
    ollama.gate = CancellationToken()
    found = library.pull("tiny:latest")
    wait_until(lambda: found.done_bytes == 500)
    library.downloads.pause(found.source.key)
    assert ended(found) == PAUSED
    wait_until(ollama.left.is_set)  # Ollama hears of it, too
    ollama.gate.set()
    library.downloads.resume(found.source.key)
    assert ended(found) == DONE and ollama.pulls == ["tiny:latest"] * 2


def test_a_line_that_is_cut_is_told(library: ModelLibrary, ollama: OllamaServer):
    ollama.cut = True
    found = library.pull("tiny:latest")
    assert ended(found) == FAILED and found.note.startswith("Ollama does not answer.")


def test_a_model_that_ollama_does_not_know_is_told_in_its_words(library: ModelLibrary):
    found = library.pull("nothing")
    assert ended(found) == FAILED
    assert found.note.startswith("Ollama says: pull model manifest: file does not exist. Look at the model's name")


@pytest.mark.parametrize("name", ["", "a b", "../x", "x?y", "a" * 201])
def test_what_is_no_name_is_not_asked_for(library: ModelLibrary, ollama: OllamaServer, name: str):
    with pytest.raises(InputError):
        library.pull(name)
    assert ollama.pulls == []


@pytest.mark.parametrize("name", ["qwen3", "qwen3:4b", "hf.co/Qwen/Qwen3-4B-GGUF:Q4_K_M", "box.local:5000/me/mine:1"])
def test_names_of_all_kinds_are_taken(library: ModelLibrary, ollama: OllamaServer, name: str):
    ollama.library[name] = 10
    assert ended(library.pull(name)) == DONE


def test_nobody_there_and_somebody_else_there_are_told(server: ScriptedServer):
    with OllamaServer() as gone:
        url = gone.url
    with pytest.raises(DownloadFailed, match="Ollama does not answer"):
        Ollama(url).models()
    with pytest.raises(DownloadFailed, match="Ollama"):
        Ollama(server.base_url).models()
