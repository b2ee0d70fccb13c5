"""What is framed is what a reader gets: openai's own reader, for whatever text."""

from hypothesis import given
from hypothesis import strategies as st
from openai._streaming import SSEDecoder

from utils.sse import frame


def read(raw: bytes) -> list[tuple[str | None, str]]:
    return [(event.event, event.data) for event in SSEDecoder().iter_bytes(iter([raw]))]


@given(st.lists(st.text()))
def test_text_survives(texts: list[str]):
    raw = b"".join(frame("token", text) for text in texts)
    assert read(raw) == [("token", text.replace("\r", "")) for text in texts]


def test_spaces_braces_and_line_breaks_survive():
    for text in (" a", "  {", "\n", "\n\n", "a\nb: c\n", "data: x", ": comment", "event: done\n\n", ""):
        assert read(frame("token", text)) == [("token", text)]


def test_without_a_name_it_is_data_only():
    assert frame("", "[DONE]") == b"data: [DONE]\n\n"


def test_half_a_surrogate_pair_is_replaced():
    assert frame("token", "a\ud800") == b"event: token\ndata: a?\n\n"
