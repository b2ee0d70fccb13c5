"""Attached files in S3, as two machines see them: a real client, and a server that speaks S3."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer
from s3fs import S3FileSystem

from model.errors import FileGone, StoreUnreadable, StoreUnwritable
from model.store.attachments import SharedAttachments

DATA = b"the minutes of May"
DIGEST = sha256(DATA).hexdigest()


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return the address of a bucket on a server of its own."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in (
        ("AWS_ENDPOINT_URL", f"http://{host}:{port}"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(name, value)
    S3FileSystem.clear_instance_cache()  # they keep the address of their first server
    boto3.client("s3").create_bucket(Bucket="files")
    yield "s3://files/bnagpt"
    server.stop()


@pytest.fixture
def here(bucket: str, tmp_path: Path) -> SharedAttachments:
    return SharedAttachments(tmp_path / "here" / "attachments", bucket)


@pytest.fixture
def there(bucket: str, tmp_path: Path) -> SharedAttachments:
    return SharedAttachments(tmp_path / "there" / "attachments", bucket)


def test_what_one_machine_keeps_another_reads(here: SharedAttachments, there: SharedAttachments):
    file = here.put("minutes.txt", DATA)
    assert (file.sha256, file.name, file.size_bytes) == (DIGEST, "minutes.txt", len(DATA))
    assert there.digests() == {DIGEST} and there.kept_at_s(DIGEST) > 0
    assert not there.folder.exists()
    assert there.path(DIGEST).read_bytes() == DATA and there.path(DIGEST).stat().st_mode & 0o077 == 0


def test_what_one_machine_removes_is_gone_from_the_storage_and_can_be_removed_elsewhere(
    here: SharedAttachments, there: SharedAttachments
):
    here.put("minutes.txt", DATA)
    there.path(DIGEST)
    here.remove(DIGEST)
    assert here.digests() == set() and not list(here.folder.iterdir())
    assert there.digests() == {DIGEST}, "the copy there is swept there"
    there.remove(DIGEST)
    assert there.digests() == set()
    with pytest.raises(FileGone):
        there.path(DIGEST)


def test_a_temporary_file_never_leaves_this_machine(here: SharedAttachments, there: SharedAttachments):
    here.put("minutes.txt", DATA, is_temporary=True)
    assert here.path(DIGEST).read_bytes() == DATA
    assert there.digests() == set()


def test_what_is_no_hash_is_never_asked_for(here: SharedAttachments):
    for name in ("../secret", "", DIGEST.upper(), f"{DIGEST}/x"):
        with pytest.raises(StoreUnreadable):
            here.path(name)
        here.remove(name)


def test_bytes_that_are_not_those_of_the_hash_are_not_taken(here: SharedAttachments):
    boto3.client("s3").put_object(Bucket="files", Key=f"bnagpt/{DIGEST}", Body=b"something else")
    with pytest.raises(FileGone):
        here.path(DIGEST)


def test_a_storage_that_is_not_there_is_told_and_no_message_names_what_it_did_not_take(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    S3FileSystem.clear_instance_cache()
    store = SharedAttachments(tmp_path / "attachments", "s3://files")
    with pytest.raises(StoreUnwritable, match="does not take it") as told:
        store.put("minutes.txt", DATA)
    assert "ATTACHMENTS_URL" in told.value.hint and not store.folder.exists()
    for ask in (store.digests, lambda: store.path(DIGEST), lambda: store.kept_at_s(DIGEST)):
        with pytest.raises(StoreUnreadable, match="can't be reached") as unreachable:
            ask()
        assert not isinstance(unreachable.value, FileGone)


@pytest.mark.parametrize("address", ["nonsense://files", "sftp://127.0.0.1:1/files"])
def test_an_address_that_nothing_here_speaks_to_is_told(address: str, tmp_path: Path):
    with pytest.raises(StoreUnwritable, match="not installed|does not take"):
        SharedAttachments(tmp_path, address).put("minutes.txt", DATA)
