"""What is framed is what a reader gets: openai's own reader, for whatever text."""

from hypothesis import given
from hypothesis import strategies as st
from openai._streaming import SSEDecoder

from utils.net.sse import frame


def read(raw: bytes) -> list[tuple[str | None, str]]:
    return [(event.event, event.data) for event in SSEDecoder().iter_bytes(iter([raw]))]


ODD = "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"


def plain(text: str) -> str:
    """Return a text with the line breaks that it is sent with."""
    lines = "".join("\n" if one in "\v\f\x85\u2028\u2029" else one for one in text)
    return "".join(one for one in lines if one not in "\r\x1c\x1d\x1e")


@given(st.lists(st.text()))
def test_text_survives(texts: list[str]):
    raw = b"".join(frame("token", text) for text in texts)
    assert read(raw) == [("token", plain(text)) for text in texts]


@given(st.lists(st.text(st.sampled_from(f"ab: {ODD}\n") | st.characters()) | st.just(f"{ODD[6]}event: done")))
def test_a_reader_that_cuts_at_other_ends_of_lines_reads_the_same(texts: list[str]):
    raw = b"".join(frame("token", text) for text in texts).decode()
    assert raw.splitlines() == raw.split("\n")[:-1]
    assert raw.splitlines().count("event: token") == len(texts)
    assert [line for line in raw.splitlines() if line and not line.startswith(("event: token", "data: "))] == []


def test_spaces_braces_and_line_breaks_survive():
    for text in (" a", "  {", "\n", "\n\n", "a\nb: c\n", "data: x", ": comment", "event: done\n\n", ""):
        assert read(frame("token", text)) == [("token", text)]


def test_without_a_name_it_is_data_only():
    assert frame("", "[DONE]") == b"data: [DONE]\n\n"


def test_half_a_surrogate_pair_is_replaced():
    assert frame("token", "a\ud800") == b"event: token\ndata: a?\n\n"
