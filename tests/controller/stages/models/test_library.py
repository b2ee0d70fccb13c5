"""Models come one after the other, survive pauses, cuts and restarts, and every failure is told in a sentence."""

import errno
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import pytest

from controller.stages.models import hub_source
from controller.stages.models.downloads import DONE, FAILED, FETCHING, PAUSED, WAITING, Download
from controller.stages.models.library import ModelLibrary
from model.errors import BnaError, DownloadFailed, InputError
from model.providers.local_models.catalogue import CATALOGUE
from tests.hub_server import HubServer
from tests.waiting import wait_until
from utils.threads.stop import CancellationToken

NAME = "someone/tiny-GGUF"
DATA = bytes(range(256)) * 2048
DISK = namedtuple("DISK", "total used free")


def begin(library: ModelLibrary, hub: HubServer, name: str = NAME, file: str = "tiny-Q4_K_M.gguf") -> Download:
    hub.add(name, {file: DATA})
    return library.fetch(name, library.look(name).models[0])


def in_the_middle(library: ModelLibrary, hub: HubServer) -> Download:
    """Return a download of which half has come, and whose rest is held back."""
    hub.cdn.gate = CancellationToken()
    found = begin(library, hub)
    wait_until(lambda: found.done_bytes == len(DATA) // 2)
    return found


def ends(download: Download, state: str) -> None:
    wait_until(lambda: not download.is_under_way)
    assert (download.state, download.note if state == DONE else "") == (state, ""), download.note


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"}


def test_a_model_of_the_short_list_is_fetched_with_what_makes_it_see(library: ModelLibrary, hub: HubServer):
    row = next(row for row in CATALOGUE if row.sees)
    name = f"model-{row.quantisation}.gguf"
    hub.add(row.repository, {"model-f16.gguf": DATA, name: DATA + b"x", "mmproj-model-f16.gguf": DATA + b"y"})
    ends(library.fetch_row(row), DONE)
    assert files(library.folder) == {f"{row.repository}/{name}", f"{row.repository}/mmproj-model-f16.gguf"}
    assert library.has(row.repository, row.quantisation)
    [here] = library.installed()
    assert here.path.name == name and here.size_bytes == 2 * len(DATA) + 2
    library.delete(here)
    assert list(library.folder.iterdir()) == [] and library.installed() == []


def test_a_model_in_parts_is_fetched_and_deleted_as_one(library: ModelLibrary, hub: HubServer):
    parts = {f"Q8_0/big-Q8_0-0000{number}-of-00003.gguf": DATA + bytes([number]) for number in (1, 2, 3)}
    hub.add(NAME, parts)
    [model] = library.look(NAME).models
    download = library.fetch(NAME, model)
    ends(download, DONE)
    assert download.done_bytes == download.size_bytes == 3 * len(DATA) + 3
    assert files(library.folder) == {f"{NAME}/{part}" for part in parts}
    [here] = library.installed()
    library.delete(here)
    assert files(library.folder) == set()


def test_two_models_come_one_after_the_other(library: ModelLibrary, hub: HubServer):
    first = in_the_middle(library, hub)
    second = begin(library, hub, "someone/other-GGUF")
    assert (first.state, second.state) == (FETCHING, WAITING)
    assert hub.cdn.gate is not None
    hub.cdn.gate.set()
    ends(first, DONE)
    ends(second, DONE)
    assert [one.repository for one in library.installed()] == ["someone/other-GGUF", NAME]


def test_a_pause_keeps_what_has_come_and_resume_asks_only_for_the_rest(library: ModelLibrary, hub: HubServer):
    found = in_the_middle(library, hub)
    library.downloads.pause(found.source.key)
    ends(found, PAUSED)
    assert hub.cdn.gate is not None
    hub.cdn.gate.set()
    library.downloads.resume(found.source.key)
    ends(found, DONE)
    assert [asked.begin for asked in hub.cdn.requests] == [0, len(DATA) // 2]
    assert library.installed()[0].path.read_bytes() == DATA


def test_a_new_program_knows_what_was_not_brought_to_its_end(
    build: Callable[..., ModelLibrary], library: ModelLibrary, hub: HubServer
):
    stopped = in_the_middle(library, hub)
    library.downloads.pause(stopped.source.key)  # as when the program ends
    ends(stopped, PAUSED)
    again = build()
    [found] = again.downloads.all()
    assert (found.state, found.done_bytes, found.size_bytes) == (PAUSED, len(DATA) // 2, len(DATA))
    assert hub.cdn.gate is not None
    hub.cdn.gate.set()
    again.downloads.resume(found.source.key)
    ends(found, DONE)
    assert [asked.begin for asked in hub.cdn.requests] == [0, len(DATA) // 2]
    assert build().downloads.all() == []


def test_a_download_that_is_cancelled_leaves_nothing(library: ModelLibrary, hub: HubServer):
    found = in_the_middle(library, hub)
    library.downloads.cancel(found.source.key)
    wait_until(lambda: found.state == PAUSED and list(library.folder.iterdir()) == [])
    assert library.downloads.all() == []


def test_parts_that_came_whole_go_too_and_none_is_offered_before_all_are_here(library: ModelLibrary, hub: HubServer):
    hub.add(NAME, {f"big-Q8_0-0000{number}-of-00002.gguf": DATA + bytes([number]) for number in (1, 2)})
    [model] = library.look(NAME).models
    first = hub.cdn.gate = CancellationToken()
    download = library.fetch(NAME, model)
    wait_until(lambda: download.done_bytes == (len(DATA) + 1) // 2)
    hub.cdn.gate = CancellationToken()
    first.set()
    wait_until(lambda: download.done_bytes == len(DATA) + 1 + (len(DATA) + 1) // 2)
    assert "big-Q8_0-00002-of-00002.gguf" in {path.name for path in library.folder.rglob("*")}
    assert library.installed() == []
    library.downloads.cancel(download.source.key)
    wait_until(lambda: download.state == PAUSED and list(library.folder.iterdir()) == [])


def test_what_was_here_before_a_download_stays_when_that_is_cancelled(library: ModelLibrary, hub: HubServer):
    ends(begin(library, hub), DONE)
    hub.add(NAME, {"mmproj-f16.gguf": DATA * 2})
    hub.cdn.gate = CancellationToken()
    download = library.fetch(NAME, library.look(NAME).models[0])
    wait_until(lambda: download.done_bytes == len(DATA))
    library.downloads.cancel(download.source.key)
    wait_until(lambda: files(library.folder) == {f"{NAME}/tiny-Q4_K_M.gguf"})


def test_one_that_is_paused_and_then_cancelled_leaves_nothing(library: ModelLibrary, hub: HubServer):
    found = in_the_middle(library, hub)
    library.downloads.pause(found.source.key)
    ends(found, PAUSED)
    library.downloads.cancel(found.source.key)
    assert files(library.folder) == set()


def test_one_that_waits_is_paused_without_a_byte(library: ModelLibrary, hub: HubServer):
    first = in_the_middle(library, hub)
    second = begin(library, hub, "someone/other-GGUF")
    library.downloads.pause(second.source.key)
    assert second.state == PAUSED and hub.cdn.gate is not None
    hub.cdn.gate.set()
    ends(first, DONE)
    assert (second.state, len(hub.cdn.requests)) == (PAUSED, 1)
    library.downloads.resume(second.source.key)
    ends(second, DONE)


def test_the_same_is_not_fetched_twice_at_once(library: ModelLibrary, hub: HubServer):
    found = in_the_middle(library, hub)
    begin(library, hub)
    assert library.downloads.all() == [found]


def test_a_line_that_is_cut_again_and_again_brings_all_of_it(library: ModelLibrary, hub: HubServer):
    for _ in range(3):
        hub.cdn.fail("", cut_after=100_000)
    hub.cdn.fail("", 503)
    hub.fail("/resolve/", 429, Retry_After="0.01")
    ends(begin(library, hub), DONE)
    assert [asked.begin for asked in hub.cdn.requests if asked.sent_bytes] == [0, 100_000, 200_000, 300_000]


def test_a_wait_for_the_line_ends_with_a_pause_and_is_told(
    library: ModelLibrary, hub: HubServer, monkeypatch: pytest.MonkeyPatch
):
    hub.fail("/resolve/", 429, Retry_After="600")
    found = begin(library, hub)
    wait_until(lambda: "again in 600 s" in found.note)
    assert found.note.startswith("Hugging Face is asked too often from here.")
    library.downloads.pause(found.source.key)
    ends(found, PAUSED)


def told(library: ModelLibrary, hub: HubServer) -> str:
    """Return what is said of a download that fails."""
    found = begin(library, hub)
    ends(found, FAILED)
    return found.note


@pytest.mark.parametrize("status", [401, 403])
def test_a_licence_that_was_not_accepted_is_told_with_the_way_there(library: ModelLibrary, hub: HubServer, status: int):
    hub.fail("/resolve/", status)
    note = told(library, hub)
    assert "accepted its licence" in note and f"https://huggingface.co/{NAME}" in note and "HF_TOKEN" in note
    assert "hf_very_secret" not in note


def test_a_file_that_is_gone_is_told(library: ModelLibrary, hub: HubServer):
    hub.fail("/resolve/", 404)
    assert "Hugging Face has no" in told(library, hub)


def test_a_file_that_left_the_repository_is_told_when_it_is_resumed(library: ModelLibrary, hub: HubServer):
    found = in_the_middle(library, hub)
    library.downloads.pause(found.source.key)
    ends(found, PAUSED)
    hub.repositories[NAME] = {}
    hub.add(NAME, {"other-Q4_K_M.gguf": DATA})
    library.downloads.resume(found.source.key)
    ends(found, FAILED)
    assert found.note.startswith(f"{NAME} no longer has tiny-Q4_K_M.gguf.")


def test_another_file_than_the_promised_one_is_removed_and_told(library: ModelLibrary, hub: HubServer):
    hub.add(NAME, {"tiny-Q4_K_M.gguf": DATA}, is_wrong=True)
    found = library.fetch(NAME, library.look(NAME).models[0])
    ends(found, FAILED)
    assert "is not the file that Hugging Face promised" in found.note and library.installed() == []


def test_a_disk_that_fills_up_is_told_and_there_is_a_way_on(
    library: ModelLibrary, hub: HubServer, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(hub_source, "fetch_file", full)
        found = begin(library, hub)
        ends(found, FAILED)
    assert found.note == "The disk is full; what has come is kept. Make room, then resume."
    library.downloads.resume(found.source.key)
    ends(found, DONE)


def test_nothing_begins_where_the_disk_has_no_room(
    library: ModelLibrary, hub: HubServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("shutil.disk_usage", lambda _: DISK(10**9, 0, 400_000_000))
    with pytest.raises(DownloadFailed) as error:
        begin(library, hub)
    assert error.value.message == "The disk has 400 MB free, and 501 MB are needed." and hub.cdn.requests == []


def test_a_mistake_of_ours_is_told_as_ours_and_the_next_one_comes(
    library: ModelLibrary, hub: HubServer, monkeypatch: pytest.MonkeyPatch
):
    def wrong(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(hub_source, "fetch_file", wrong)
        found = begin(library, hub)
        ends(found, FAILED)
    assert found.note.startswith("bnaGPT made a mistake")
    ends(begin(library, hub, "someone/other-GGUF"), DONE)


@pytest.mark.parametrize(
    "typed", [NAME, f" {NAME} ", f"https://huggingface.co/{NAME}", f"https://huggingface.co/{NAME}/"]
)
def test_a_repository_is_found_by_its_name_or_its_address(library: ModelLibrary, hub: HubServer, typed: str):
    hub.add(NAME, {"tiny-Q8_0.gguf": DATA * 2, "tiny-Q4_K_M.gguf": DATA})
    listing = library.look(typed)
    assert [model.quantisation for model in listing.models] == ["Q4_K_M", "Q8_0"]
    assert listing.best == listing.models[0] and listing.licence == "apache-2.0"


def test_what_is_no_repository_or_has_no_model_is_told(library: ModelLibrary, hub: HubServer):
    hub.add("someone/pictures", {"model.safetensors": DATA})
    for typed, said in {
        "pictures": "“pictures” is no repository's name. Such as",
        "someone/nothing": "Hugging Face has no “someone/nothing”",
        "someone/pictures": "“someone/pictures” has no GGUF file.",
    }.items():
        with pytest.raises(BnaError) as error:
            library.look(typed)
        assert f"{error.value.message} {error.value.hint}".startswith(said)


def test_what_a_person_put_there_by_hand_is_listed_too(library: ModelLibrary):
    path = library.folder / "me" / "mine" / "mine.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"GGUF")
    assert [(one.repository, one.path) for one in library.installed()] == [("me/mine", path)]


def test_where_people_sign_in_nobody_fills_the_disk_or_empties_it(build: Callable[..., ModelLibrary], hub: HubServer):
    library = build(SIGN_IN="cloudflare", CF_ACCESS_TEAM="team", CF_ACCESS_AUD="aud")
    hub.add(NAME, {"tiny-Q4_K_M.gguf": DATA})
    [model] = library.look(NAME).models
    refused: list[Callable[[], object]] = [
        lambda: library.fetch(NAME, model),
        lambda: library.fetch_row(CATALOGUE[0]),
        lambda: library.pull("tiny"),
        lambda: library.delete_from_ollama("tiny"),
    ]
    for do in refused:
        with pytest.raises(InputError):
            do()
    assert not library.may_change and hub.cdn.requests == []
