"""The encoder: like meanings get like vectors, whatever else is in the batch."""

import numpy as np
import pytest

from utils.retrieval.embeddings import FOLDER, MAX_TOKENS, Encoder

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the encoder's weights are not installed; `make install`")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


def test_what_means_the_same_is_alike_and_the_rest_is_not(encoder: Encoder):
    pasta, cooking, shares = encoder.encode(
        ["How do I cook pasta?", "Boil spaghetti in salted water.", "The shares fell again."]
    )
    assert pasta @ cooking > 0.4 > 0.2 > pasta @ shares


def test_a_vector_is_that_of_the_published_model(encoder: Encoder):
    # The beginning of what sentence-transformers gives for all-MiniLM-L6-v2.
    [vector] = encoder.encode(["hello world"])
    np.testing.assert_allclose(vector[:6], [-0.0345, 0.0310, 0.0067, 0.0261, -0.0394, -0.1603], atol=5e-4)


def test_a_vector_does_not_depend_on_its_batch_or_place(encoder: Encoder):
    texts = ["a", "some longer text about boats " * 8, "tea", "two words", "x y z", "boats"]
    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_no_text_and_very_long_text_are_no_trouble(encoder: Encoder):
    assert encoder.encode([]).shape == (0, 384)
    long, longer = encoder.encode(["boat " * MAX_TOKENS, "boat " * 5000])
    assert long @ longer > 0.999


def test_tokens_are_counted_without_the_marks_of_begin_and_end(encoder: Encoder):
    assert encoder.count_tokens(["hello world", ""]) == [2, 0]
