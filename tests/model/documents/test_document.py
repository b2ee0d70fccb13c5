"""Documents on disk: whole or not at all, the same after a restart, and gone when they are deleted."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.documents.document import Document
from model.documents.library import DocumentLibrary
from model.documents.search import PassageIndex
from utils.retrieval.chunking import Passage

HASH, OTHER = "a" * 64, "b" * 64
TEXT = st.text(max_size=30)
PASSAGES = st.lists(st.builds(Passage, text=TEXT, place=TEXT, heading=TEXT), max_size=6)


def document(*texts: str) -> Document:
    """Return a document whose passages point each its own way."""
    passages = [Passage(text, f"page {number}") for number, text in enumerate(texts, 1)]
    return Document.of(passages, np.eye(len(texts), 8, dtype=np.float32), 7, ["A notice."])


@pytest.fixture
def library(tmp_path: Path) -> DocumentLibrary:
    return DocumentLibrary(tmp_path / "read", "tiny")


@given(PASSAGES)
def test_what_is_kept_comes_back(passages: list[Passage]):
    import io

    vectors = np.ones((len(passages), 4), np.float32)
    kept = Document.from_file(io.BytesIO(Document.of(passages, vectors, 3, ["Hm."]).to_bytes()))
    assert [kept.texts[n] for n in range(len(kept.texts))] == [
        Passage(*(part.encode("utf-8", "replace").decode() for part in passage)) for passage in passages
    ]
    assert kept.notices == ("Hm.",) and kept.token_count == 3 and kept.vectors.shape == vectors.shape


def test_a_document_outlives_the_program(library: DocumentLibrary):
    library.save(HASH, document("tea", "milk"))
    again = DocumentLibrary(library.folder, "tiny")
    assert again.has(HASH) and again.load(HASH).texts[1] == Passage("milk", "page 2")


def test_a_damaged_document_is_as_good_as_none_so_that_it_is_read_anew(library: DocumentLibrary):
    library.save(HASH, document("tea"))
    path = library.path(HASH)
    for data in (path.read_bytes()[:100], b"", b"junk" * 99):
        path.write_bytes(data)
        with pytest.raises(LookupError):
            library.load(HASH)
        assert not library.has(HASH)


def test_what_an_older_reader_has_read_is_read_anew_and_leaves_the_disk(library: DocumentLibrary):
    older = library.folder / f"{HASH}.tiny.npz"
    library.folder.mkdir(parents=True)
    older.write_bytes(document("tea").to_bytes())
    assert not library.has(HASH)
    library.save(HASH, document("tea", "milk"))
    assert library.has(HASH) and list(library.folder.iterdir()) == [library.path(HASH)]


def test_a_write_that_fails_leaves_nothing_half_done(library: DocumentLibrary, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr("utils.files.atomic.os.replace", fail)
    with pytest.raises(Exception, match="disk is full"):
        library.save(HASH, document("tea"))
    assert not library.has(HASH) and not list(library.folder.iterdir())


def test_vectors_of_another_encoder_are_not_taken(library: DocumentLibrary):
    library.save(HASH, document("tea"))
    assert not DocumentLibrary(library.folder, "other").has(HASH)


def test_deleting_leaves_nothing_on_disk_or_in_memory(library: DocumentLibrary):
    library.save(HASH, document("tea"))
    library.save(OTHER, document("milk"))
    library.index([HASH, OTHER])
    DocumentLibrary(library.folder, "other").save(HASH, document("tea"))
    library.delete(HASH)
    assert [path.name[:64] for path in library.folder.iterdir()] == [OTHER]
    with pytest.raises(LookupError):
        library.index([HASH, OTHER])


def test_documents_of_temporary_conversations_never_reach_the_folder(library: DocumentLibrary):
    library.save(HASH, document("tea"), is_temporary=True)
    assert library.load(HASH).texts[0].text == "tea"
    assert not library.folder.exists()


@pytest.mark.parametrize("name", ["../../secret", "", "A" * 64, "a" * 63])
def test_a_name_that_is_no_hash_is_no_way_out_of_the_folder(library: DocumentLibrary, name: str):
    with pytest.raises(LookupError, match="no hash"):
        library.path(name)
    assert not library.has(name)
    library.delete(name)


def test_several_documents_are_searched_as_one():
    index = PassageIndex.of([document("green tea", "milk"), document("black tea", "honey", "salt")])
    assert len(index) == 5
    assert [(found.document, found.passage.text) for found, _ in index.with_words("tea")] == [
        (0, "green tea"),
        (1, "black tea"),
    ]
    [best, *_] = index.search("honey", np.eye(8, dtype=np.float32)[1] / 4, 2)
    assert (best.document, best.number, index.row(best)) == (1, 1, 3)


def test_the_answer_is_nowhere_where_neither_meaning_nor_words_fit():
    index, nothing = PassageIndex.of([document("green tea", "milk")]), np.zeros(8, np.float32)
    assert not index.has_answer("ships", nothing)
    assert index.has_answer("green tea", nothing)
    assert index.has_answer("ships", np.eye(8, dtype=np.float32)[0] * 0.3)
    assert not PassageIndex.of([Document.of([], np.zeros((0, 8), np.float32), 0)]).has_answer("tea", nothing)


def test_passages_are_spread_from_the_first_to_the_last():
    index = PassageIndex.of([document("a"), document("b", "c", "d", "e")])
    assert [index.row(found) for found in index.spread(3)] == [0, 2, 4]
    assert len(index.spread(99)) == 5
