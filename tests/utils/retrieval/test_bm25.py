"""Finding by words: rare words count more, and several sets of texts are searched as one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from utils.retrieval.bm25 import merged, occurrences, postings_of, scores, terms_of

TEXTS = st.lists(st.text(alphabet="abc ", max_size=20), min_size=1, max_size=6)


def best(texts: list[str], question: str) -> int:
    return int(np.argmax(scores([postings_of(texts)], terms_of(question))))


def test_a_rare_word_outweighs_common_ones():
    texts = ["the cat and the dog", "the invoice 4729", "the dog and the cat and the cat"]
    assert best(texts, "what is the invoice 4729") == 1


def test_a_word_is_found_in_its_other_forms_and_without_accents():
    assert best(["nothing here", "they were indexing Café menus"], "index cafe") == 1


def test_a_long_text_needs_more_than_one_mention():
    assert best(["tea " + "filler " * 200, "tea"], "tea") == 1


def test_words_that_stand_nowhere_score_nothing():
    assert not scores([postings_of(["tea", "milk"])], terms_of("coffee")).any()
    assert not scores([postings_of([])], terms_of("coffee")).any()


@given(TEXTS, TEXTS, st.text(alphabet="abc ", max_size=8))
def test_several_parts_search_as_if_all_texts_had_been_one_set(first: list[str], second: list[str], question: str):
    together, parts, terms = postings_of(first + second), [postings_of(first), postings_of(second)], terms_of(question)
    for apart in (parts, [merged(parts)]):
        np.testing.assert_allclose(scores([together], terms), scores(apart, terms), rtol=1e-5)


@given(TEXTS)
def test_occurrences_are_those_that_a_plain_count_finds(texts: list[str]):
    found = occurrences(postings_of(texts), terms_of("abc"))
    assert list(found) == [text.split().count("abc") for text in texts]


def test_all_words_have_to_stand_in_a_text_to_be_counted():
    found = occurrences(postings_of(["red tea, red tea", "red", "tea"]), terms_of("red tea"))
    assert list(found) == [2, 0, 0]
