"""What is here is read from the files, and a model goes with all that is its own."""

from pathlib import Path

from model.providers.embedded import FOLDER
from model.providers.local_models.installed import hub_folder, hub_of, installed, remove_files
from settings import ROOT, Settings


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"GGUF")


def test_models_are_told_by_their_first_file(tmp_path: Path):
    put(tmp_path, "a/b/x-00001-of-00002.gguf", "a/b/x-00002-of-00002.gguf", "a/c/y.gguf", "a/c/mmproj-y.gguf", "z.gguf")
    put(tmp_path, "a/c/.half.gguf.part", "a/c/README.md")
    found = installed(tmp_path)
    assert [(one.repository, one.path.name, len(one.files), one.size_bytes) for one in found] == [
        ("a/b", "x-00001-of-00002.gguf", 2, 8),
        ("a/c", "y.gguf", 2, 8),
    ]
    assert installed(tmp_path / "nowhere") == []


def test_what_makes_two_models_see_stays_until_both_are_gone(tmp_path: Path):
    put(tmp_path, "a/b/x-Q4_0.gguf", "a/b/x-Q8_0.gguf", "a/b/mmproj-x.gguf")
    first, second = installed(tmp_path)
    remove_files(first.files, tmp_path)
    assert {path.name for path in (tmp_path / "a/b").iterdir()} == {"x-Q8_0.gguf", "mmproj-x.gguf"}
    remove_files(second.files, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_which_something_else_lies_stays(tmp_path: Path):
    put(tmp_path, "a/b/x.gguf", "a/b/notes.txt")
    [model] = installed(tmp_path)
    remove_files(model.files, tmp_path)
    assert [path.name for path in (tmp_path / "a/b").iterdir()] == ["notes.txt"]


def test_settings_say_where_models_come_from_and_where_they_lie():
    usual, other = (
        Settings.from_env({}),
        Settings.from_env({"MODELS_DIR": "other", "HF_ENDPOINT": "https://hf-mirror.com/", "HF_TOKEN": " hf_x "}),
    )
    assert (hub_folder(usual), hub_folder(other)) == (FOLDER / "hub", ROOT / "other")
    assert (hub_of(usual).endpoint, hub_of(usual).token) == ("https://huggingface.co", "")
    assert (hub_of(other).endpoint, hub_of(other).token) == ("https://hf-mirror.com", "hf_x")
    assert hub_of(Settings.from_env({"HF_ENDPOINT": "hf-mirror.com"})).endpoint == "https://hf-mirror.com"


def test_a_token_stands_in_no_repr():
    settings = Settings.from_env({"HF_TOKEN": "hf_very_secret"})
    assert "hf_very_secret" not in f"{settings!r} {hub_of(settings)!r}"
