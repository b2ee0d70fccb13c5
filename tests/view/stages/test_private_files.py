"""Whatever belongs to conversations is for its owner only, also what git or a copy made readable for all."""

import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.stages.json_mode.batches import batches_of
from model.errors import StoreUnreadable, StoreUnwritable
from model.json_mode.batch import Batch, Outcome, read_batch, write_batch, write_outcome
from model.store.attachments import AttachmentStore
from model.store.json_store import JsonStore
from settings import ROOT
from tests.api_server import ApiServer
from tests.view.conftest import Screen

pytestmark = pytest.mark.skipif(os.name != "posix", reason="elsewhere files have no such mode")


@pytest.fixture(autouse=True)
def generous() -> Iterator[None]:
    """Let new files be readable for all, as they usually are."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def others_may_read(folder: Path) -> list[str]:
    """Return what others may read or list in a folder."""
    return [str(path) for path in folder.rglob("*") if stat.S_IMODE(path.lstat().st_mode) & 0o077]


def test_all_that_a_first_run_makes_is_private(api: ApiServer, open_page: Callable[..., Screen], tmp_path: Path):
    text = {"name": "a.txt", "data": "SGVsbG8="}
    wish = {"message": "Hi", "stage": "documents", "attachments": [text], "conversation_id": "mine"}
    assert api.client.post("/chat", json=wish).status_code == 200
    assert api.client.get("/search", params={"q": "hi"}).status_code == 200
    write_batch(batches_of(api.parts.resources)._path("mine"), Batch("Sum up", ["a"]))
    assert others_may_read(tmp_path) == []
    names = {path.name for path in tmp_path.iterdir()}
    assert {"conversations.json", "conversations.json.index", "attachments", "conversations.json.journal"} <= names


def test_what_git_has_made_readable_is_private_after_the_start_and_git_sees_no_change(
    open_page: Callable[..., Screen], tmp_path: Path
):
    shutil.copy(ROOT / "conversations.json", tmp_path / "conversations.json")
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "Begin"]):
        subprocess.run([*git, *command], check=True)
    for name in ("conversations.unreadable-2026-01-01-000000.json", "conversations.json.abcdefgh.half-written"):
        (tmp_path / name).write_text("{}")
    for folder in ("attachments", "attachments.read", "assistants/own", "conversations.json.batches"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "file").write_text("private")
        (tmp_path / folder / "file").chmod(0o644)
    (tmp_path / "conversations.json").chmod(0o644)
    (tmp_path / "calendar.ics").write_text("private")
    (tmp_path / "calendar.ics").chmod(0o644)
    (tmp_path / "other.txt").write_text("not ours")
    (tmp_path / "other.txt").chmod(0o644)
    open_page("chatbot_with_memory")
    readable = {path.removeprefix(f"{tmp_path}/") for path in others_may_read(tmp_path)}
    assert {path for path in readable if not path.startswith(".git")} == {"other.txt", "assistants"}
    changed = subprocess.run([*git, "diff", "--stat"], check=True, capture_output=True, text=True).stdout
    assert changed == ""


def test_a_file_that_was_made_readable_is_private_after_the_next_write(screen: Screen, store: JsonStore):
    screen.ask("Hi")
    store.path.chmod(0o644)
    screen.ask("And?")
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


def test_a_folder_of_assistants_that_a_person_has_named_keeps_its_mode(
    open_page: Callable[..., Screen], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    monkeypatch.setenv("ASSISTANTS_DIR", str(shared))
    open_page("chatbot_with_memory")
    assert stat.S_IMODE(shared.stat().st_mode) == 0o755


def test_an_attachment_is_never_what_a_link_leads_to(tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text("of somebody else")
    store = AttachmentStore(tmp_path / "attachments")
    kept = store.put("a.txt", b"mine")
    path = store.path(kept.sha256)
    path.unlink()
    path.symlink_to(secret)
    with pytest.raises(StoreUnreadable):
        store.path(kept.sha256)
    assert store.digests() == set()
    store.put("a.txt", b"mine")
    assert store.path(kept.sha256).read_bytes() == b"mine" and secret.read_text() == "of somebody else"


def test_a_batch_is_private_and_never_goes_on_without_its_first_line(tmp_path: Path):
    path = tmp_path / "batches" / "a.jsonl"
    write_batch(path, Batch("Sum up", ["a"]))
    path.unlink()
    with pytest.raises(StoreUnwritable):
        write_outcome(path, Outcome(0, "b"))
    assert not path.exists()


def test_an_answer_of_a_batch_that_did_not_fit_takes_no_other_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "a.jsonl"
    write_batch(path, Batch("Sum up", ["a", "b", "c"]))
    write_outcome(path, Outcome(0, "first"))

    def torn(file: object, data: bytes, length: int) -> int:
        with path.open("ab") as half:
            half.write(data[:10])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full, pytest.raises(StoreUnwritable):
        full.setattr("utils.files.atomic.append_whole", torn)
        write_outcome(path, Outcome(1, "second"))
    write_outcome(path, Outcome(2, "third"))
    batch = read_batch(path)
    assert batch and {index: one.answer for index, one in batch.outcomes.items()} == {0: "first", 2: "third"}
