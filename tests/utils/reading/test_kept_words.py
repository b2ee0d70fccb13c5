"""No word that stands in a file is lost: each made file gives all of its words, and none that was struck out."""

from pathlib import Path

import pytest

from tests.utils.reading.made import SAMPLES
from tests.utils.reading.made.sample import Sample, kept, words_in
from tests.utils.reading.made.word import document, paragraph
from utils.reading.block import Block, Notice, Read
from utils.reading.worker import read_file

NAMED = {sample.name: sample for sample in SAMPLES}


def read(sample: Sample, folder: Path) -> list[Read]:
    """Return what is read of a sample, in this process: these files do no harm."""
    (folder / sample.name).write_bytes(sample.make())
    parts = list(read_file(folder / sample.name, sample.name))
    assert all(isinstance(part, Read) for part in parts), parts[-1]
    return parts  # type: ignore[return-value]


def lines(name: str, folder: Path) -> list[str]:
    """Return each line of a sample, with the headings above it."""
    blocks = [part for part in read(NAMED[name], folder) if isinstance(part, Block)]
    return [" # ".join(filter(None, (block.heading, block.text))) for block in blocks]


@pytest.mark.parametrize("name", NAMED)
def test_every_word_is_kept(tmp_path: Path, name: str):
    sample = NAMED[name]
    blocks = [part for part in read(sample, tmp_path) if isinstance(part, Block)]
    text = "\n".join(" ".join((block.section, block.heading, block.text)) for block in blocks)
    count, total = kept(sample, text)
    assert count == total, words_in(sample.words) - words_in(text)
    assert not set(words_in(sample.absent)) & set(words_in(text))


def test_the_set_holds_many_files_of_each_kind_and_makes_each_the_same_again():
    kinds = [sample.kind for sample in SAMPLES]
    assert kinds.count("docx") >= 40 and {"pptx", "xlsx", "pdf", "csv", "txt", "html", "md"} <= set(kinds)
    assert all(sample.make() == sample.make() for sample in SAMPLES)


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("word_table_merged.docx", ["Team | Home | Away | Points", "Reds | 2 | 2 | 9", " | both |  | 7"]),
        ("slides_table.pptx", ["Team | Home | Away", "Reds | 2 | 2", " | both"]),
        ("sheets_equal.xlsx", ["Item | Cost | Stock # Tea | 5 | 5", "Item | Cost | Stock # Milk |  | 8"]),
        (
            "table_equal.csv",
            ["Team | Home | Away | Pts # Red | 2 | 2 | 1", "Team | Home | Away | Pts # Blue |  |  | 3"],
        ),
        ("table_names.csv", ["Name | Stadt # José | Málaga"]),
    ],
)
def test_a_cell_keeps_its_column_and_a_merged_one_is_told_once(tmp_path: Path, name: str, right: list[str]):
    assert lines(name, tmp_path) == right


def test_a_heading_leaves_as_the_next_of_its_level_comes(tmp_path: Path):
    assert lines("word_headings.docx", tmp_path) == [
        "Intro # About intro matters.",
        "Payment # About payment matters.",
        "Law # About law matters.",
    ]


def test_a_heading_with_nothing_below_is_kept(tmp_path: Path):
    assert lines("word_headings_bare.docx", tmp_path) == ["Start.", "Signed by Ann # Annex seven"]


@pytest.mark.parametrize("name", ["word_box_twice.docx", "slides_twice.pptx"])
def test_what_stands_there_in_two_forms_is_read_once(tmp_path: Path, name: str):
    words = words_in(" ".join(lines(name, tmp_path)))
    assert words == words_in(NAMED[name].words)


def test_text_of_cells_that_looks_like_a_number_stays_as_it_is(tmp_path: Path):
    assert [line.rpartition("# ")[2] for line in lines("sheets_texts.xlsx", tmp_path)] == [
        "a | 2.0",
        "b | 10.0.0",
        "c | 007",
    ]


def test_headers_and_footers_tell_what_they_are(tmp_path: Path):
    parts = [part for part in read(NAMED["word_margins.docx"], tmp_path) if isinstance(part, Block)]
    assert [(part.text, part.section) for part in parts] == [
        ("Contract 4711", "header"),
        ("Draft | Confidential", "header"),
        ("Body here.", ""),
        ("Printed in Lisbon", "footer"),
    ]


def test_a_note_stands_behind_the_paragraph_that_it_belongs_to(tmp_path: Path):
    assert lines("word_comment.docx", tmp_path) == ["Price", "Comment by Ann: Far too dear"]


def test_signs_that_could_not_be_read_are_told(tmp_path: Path):
    notices = [part.sentence for part in read(NAMED["text_bad_byte.txt"], tmp_path) if isinstance(part, Notice)]
    assert notices == [
        "1 character of it could not be read, and stands as “\ufffd”: it is damaged, or of several encodings."
    ]


def test_a_document_nested_very_deeply_gets_a_sentence(tmp_path: Path):
    body = "<w:smartTag>" * 1500 + paragraph("deep") + "</w:smartTag>" * 1500
    (tmp_path / "deep.docx").write_bytes(document(body))
    parts = list(read_file(tmp_path / "deep.docx", "deep.docx"))
    assert parts[-1] == Block("deep", "", "paragraph", 1) or "nested too deeply" in str(parts[-1])
