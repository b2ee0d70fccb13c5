"""How good the model is that answers, said where its answers are, and the ways to a better one."""

import streamlit as st

from model.provider import Provider
from utils.markdown import plain


def draw_note(provider: Provider) -> None:
    """Draw a line about a small model, which is often wrong; nothing for others."""
    if not provider.is_small:
        return
    with st.container(key="bna_small_model", horizontal=True, vertical_alignment="center"):
        st.caption(f"{plain(provider.default_model)} is a small model on this computer. It is often wrong.")
        with st.popover("Use a better model", icon=":material/bolt:", type="tertiary"):
            draw_ways()


def draw_ways() -> None:
    """Draw what brings a better model."""
    st.markdown("Put one line into a file named `.env` beside `Home.py`, and start bnaGPT again:")
    st.code("GROQ_API_KEY=...        # or OPENAI_API_KEY, ANTHROPIC_API_KEY, ...", language="bash")
    st.markdown("Or start [Ollama](https://ollama.com): it is found by itself. Or name a bigger GGUF file:")
    st.code("LOCAL_MODEL_PATH=/path/to/model.gguf", language="bash")
