"""A model comes whole or not at all, over the real `huggingface_hub` and a real line, however that line fails."""

import errno
import hashlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import filelock
import httpx
import pytest

from tests.hub_server import HubServer
from tests.waiting import PATIENCE_S, wait_until
from utils.local_models.hub.repository import Hub, TooManyRequests
from utils.local_models.hub.transfer import FilePart, FileSource, WrongFile, fetch_file
from utils.threads.stop import CancellationToken

TOKEN = "hf_very_secret"
NAME = "someone/tiny-GGUF"
DATA = bytes(range(256)) * 4096


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        server.add(NAME, {"tiny-Q4_K_M.gguf": DATA})
        yield server


def source(hub: HubServer, token: str = TOKEN) -> FileSource:
    client = Hub(hub.endpoint, token)
    repository = client.repository(NAME)
    file = repository.files[0]
    return FileSource(client.address(repository, file), file.size_bytes, file.sha256, client.headers())


def fetch(hub: HubServer, path: Path, told: Callable[[int], None] = lambda _: None) -> None:
    fetch_file(source(hub), path, told, CancellationToken())


def left(folder: Path) -> set[str]:
    """Return what lies in a folder, but for locks."""
    return {path.name for path in folder.iterdir() if not path.name.endswith(".lock")}


def test_a_listing_tells_files_whose_hash_is_known_with_revision_and_licence(hub: HubServer):
    found = Hub(hub.endpoint).repository(NAME)
    assert (found.revision, found.licence) == (hub.revision, "apache-2.0")
    [file] = found.files
    assert file.name == "tiny-Q4_K_M.gguf" and file.size_bytes == len(DATA)
    assert file.sha256 == hashlib.sha256(DATA).hexdigest()


def test_names_that_lead_out_of_their_folder_are_left_out(hub: HubServer):
    hub.add(NAME, {"../../evil.gguf": b"x", "/etc/evil.gguf": b"x", "a\\b.gguf": b"x", "BF16/good.gguf": b"y"})
    assert [file.name for file in Hub(hub.endpoint).repository(NAME).files] == ["tiny-Q4_K_M.gguf", "BF16/good.gguf"]


@pytest.mark.parametrize("name", ["", "tiny", "a/b/c", "../../x", "a b/c", "https://huggingface.co/a/b"])
def test_what_is_no_name_of_a_repository_is_not_asked_for(hub: HubServer, name: str):
    with pytest.raises(ValueError):
        Hub(hub.endpoint).repository(name)
    assert hub.requests == []


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (401, {"X_Error_Code": "GatedRepo"}, PermissionError),
        (403, {"X_Error_Code": "GatedRepo"}, PermissionError),
        (403, {}, PermissionError),
        (401, {"X_Error_Message": "Invalid credentials in Authorization header"}, PermissionError),
        (401, {"X_Error_Code": "RepoNotFound"}, FileNotFoundError),
        (404, {"X_Error_Code": "RepoNotFound"}, FileNotFoundError),
        (404, {}, FileNotFoundError),
        (500, {}, ConnectionError),
    ],
)
def test_what_a_listing_is_refused_with_is_an_error_of_pythons_own(
    hub: HubServer, status: int, headers: dict[str, str], kind: type[Exception]
):
    hub.fail("/api/", status, -1, **headers)
    with pytest.raises(kind) as error:
        Hub(hub.endpoint, TOKEN).repository(NAME)
    assert TOKEN not in str(error.value)


@pytest.mark.parametrize("path", ["/api/", "/resolve/"])
def test_a_server_that_is_busy_says_how_long_to_wait(hub: HubServer, tmp_path: Path, path: str):
    hub.fail(path, 429, Retry_After="17")
    with pytest.raises(TooManyRequests) as error:
        fetch(hub, tmp_path / "x.gguf")
    assert error.value.wait_s == 17


def test_nobody_there_is_a_connection_error():
    with HubServer() as gone:
        endpoint = gone.endpoint
    with pytest.raises(ConnectionError):
        Hub(endpoint).repository(NAME)


def test_a_file_comes_over_a_redirect_and_the_token_stays_with_the_hub(hub: HubServer, tmp_path: Path):
    came: list[int] = []
    fetch(hub, tmp_path / "x.gguf", came.append)
    assert (tmp_path / "x.gguf").read_bytes() == DATA and came[-1] == len(DATA)
    assert left(tmp_path) == {"x.gguf"}
    assert [asked.headers.get("authorization") for asked in hub.requests] == [f"Bearer {TOKEN}"] * 2
    assert ["authorization" in asked.headers for asked in hub.cdn.requests] == [False]
    assert TOKEN not in str(hub.cdn.requests)


def test_only_the_hub_that_was_named_is_asked_and_only_for_what_is_wanted(hub: HubServer, tmp_path: Path):
    fetch(hub, tmp_path / "x.gguf")
    assert [asked.path for asked in hub.requests] == [
        f"/api/models/{NAME}?blobs=true",
        f"/{NAME}/resolve/{hub.revision}/tiny-Q4_K_M.gguf",
    ]


def test_a_line_that_is_cut_is_gone_on_with_and_no_byte_is_asked_for_twice(hub: HubServer, tmp_path: Path):
    cut = len(DATA) * 4 // 10
    hub.cdn.fail("", cut_after=cut)
    with pytest.raises((httpx.HTTPError, ConnectionError)):
        fetch(hub, tmp_path / "x.gguf")
    assert FilePart(tmp_path / "x.gguf").size_bytes == cut and not (tmp_path / "x.gguf").exists()
    fetch(hub, tmp_path / "x.gguf")
    assert (tmp_path / "x.gguf").read_bytes() == DATA
    assert [asked.begin for asked in hub.cdn.requests] == [0, cut]
    assert sum(asked.sent_bytes for asked in hub.cdn.requests) == len(DATA)
    assert "if-range" in hub.cdn.requests[1].headers


def test_a_file_that_has_changed_begins_anew(hub: HubServer, tmp_path: Path):
    hub.cdn.fail("", cut_after=1000)
    with pytest.raises((httpx.HTTPError, ConnectionError)):
        fetch(hub, tmp_path / "x.gguf")
    hub.add(NAME, {"tiny-Q4_K_M.gguf": DATA[::-1]})
    fetch(hub, tmp_path / "x.gguf")
    assert (tmp_path / "x.gguf").read_bytes() == DATA[::-1]
    assert [asked.begin for asked in hub.cdn.requests] == [0, 0]


def test_a_server_without_ranges_begins_anew(hub: HubServer, tmp_path: Path):
    hub.cdn.fail("", cut_after=1000)
    with pytest.raises((httpx.HTTPError, ConnectionError)):
        fetch(hub, tmp_path / "x.gguf")
    hub.cdn.has_ranges = False
    fetch(hub, tmp_path / "x.gguf")
    assert (tmp_path / "x.gguf").read_bytes() == DATA


def test_a_place_that_the_server_does_not_have_begins_anew_at_the_next_try(hub: HubServer, tmp_path: Path):
    hub.cdn.fail("", cut_after=1000)
    with pytest.raises((httpx.HTTPError, ConnectionError)):
        fetch(hub, tmp_path / "x.gguf")
    hub.cdn.fail("", 416)
    with pytest.raises(ConnectionError):
        fetch(hub, tmp_path / "x.gguf")
    fetch(hub, tmp_path / "x.gguf")
    assert [asked.begin for asked in hub.cdn.requests] == [0, 1000, 0]


def test_another_file_than_the_one_that_was_promised_is_removed(hub: HubServer, tmp_path: Path):
    hub.add(NAME, {"tiny-Q4_K_M.gguf": DATA}, is_wrong=True)
    with pytest.raises(WrongFile):
        fetch(hub, tmp_path / "x.gguf")
    assert left(tmp_path) == set()


@pytest.mark.parametrize(("status", "kind"), [(401, PermissionError), (403, PermissionError), (404, FileNotFoundError)])
def test_bytes_that_are_refused_are_an_error_of_pythons_own(
    hub: HubServer, tmp_path: Path, status: int, kind: type[Exception]
):
    hub.fail("/resolve/", status)
    with pytest.raises(kind):
        fetch(hub, tmp_path / "x.gguf")


def test_a_full_disk_keeps_what_has_come(hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class Full(io.BufferedWriter):
        def write(self, data: Any) -> int:
            if self.tell() + len(data) > 300_000:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(data)

    whole = Path.open

    def opened(path: Path, mode: str = "r", *more: Any, **options: Any) -> Any:
        if mode == "ab":
            return Full(io.FileIO(path, "ab"))
        return whole(path, mode, *more, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", opened)
        with pytest.raises(OSError) as error:
            fetch(hub, tmp_path / "x.gguf")
    assert error.value.errno == errno.ENOSPC
    kept = FilePart(tmp_path / "x.gguf").size_bytes
    assert 0 < kept <= 300_000
    fetch(hub, tmp_path / "x.gguf")  # once there is room
    assert (tmp_path / "x.gguf").read_bytes() == DATA and hub.cdn.requests[-1].begin == kept


def test_a_stop_ends_it_at_once_although_nothing_comes_and_what_has_come_is_kept(hub: HubServer, tmp_path: Path):
    hub.cdn.gate, stop, ended, came = CancellationToken(), CancellationToken(), [], [0]

    def run() -> None:
        try:
            fetch_file(source(hub), tmp_path / "x.gguf", lambda count: came.append(count), stop)
        except BaseException as error:
            ended.append(type(error))

    thread = Thread(target=run, daemon=True)
    thread.start()
    wait_until(lambda: came[-1] == len(DATA) // 2)
    stop.set()
    thread.join(PATIENCE_S)
    assert ended == [InterruptedError] and FilePart(tmp_path / "x.gguf").size_bytes == len(DATA) // 2
    hub.cdn.gate.set()
    fetch(hub, tmp_path / "x.gguf")
    assert (tmp_path / "x.gguf").read_bytes() == DATA and hub.cdn.requests[-1].begin == len(DATA) // 2


def test_a_second_program_does_not_write_into_the_same_file(hub: HubServer, tmp_path: Path):
    with filelock.FileLock(tmp_path / ".x.gguf.lock"), pytest.raises(TimeoutError):
        fetch_file(source(hub), tmp_path / "x.gguf", lambda _: None, CancellationToken())


def test_what_is_here_is_not_fetched_again(hub: HubServer, tmp_path: Path):
    fetch(hub, tmp_path / "x.gguf")
    fetch(hub, tmp_path / "x.gguf")
    assert len(hub.cdn.requests) == 1
