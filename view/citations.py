"""Sources under an answer: a small button each, which opens the address and the very passage that was used."""

import streamlit as st

from model.citation import Citation
from model.message import Message
from utils.markdown import plain

SHORT = 40


def draw_citations(message: Message) -> None:
    """Draw the sources that an answer names; all of them where it names none."""
    # Of two with one number, as a file made elsewhere may hold them, the text means the first.
    numbered = {citation.number: citation for citation in reversed(message.citations)}
    named = [number for number in sorted(numbered) if f"[{number}]" in message.content]
    if numbered:
        with st.container(horizontal=True, key=f"bna.sources.{message.id}"):
            for number in named or sorted(numbered):
                draw_citation(numbered[number], source_key(message, numbered[number]))


def source_key(message: Message, citation: Citation) -> str:
    """Return the key of a source's button; its number in the text leads there (`view/browser.py`)."""
    return f"bna-source-{message.id}-{citation.number}"


def draw_citation(citation: Citation, key: str) -> None:
    """Draw one source."""
    title = citation.title or citation.address
    short = title if len(title) <= SHORT else title[: SHORT - 1] + "…"
    with st.popover(plain(f"{citation.number} · {short}"), type="tertiary", key=key):
        st.markdown(f"**{plain(title)}**")
        if citation.place:
            st.caption(plain(citation.place))
        if citation.address.startswith(("https://", "http://")):
            st.link_button("Open the page", citation.address, icon=":material/open_in_new:")
            st.caption(plain(citation.address))
        st.text(citation.passage)
