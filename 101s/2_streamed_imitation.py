"""Streamed imitation: an answer that grows word by word, still without a model.

Run me with: streamlit run 101s/2_streamed_imitation.py
"""

import random
import time

import streamlit as st

ANSWERS = (
    "Hello there! How can I help you today?",
    "Hi! Is there anything that you would like to talk about?",
    "Good to see you. What is on your mind?",
)


def words_of_an_answer():
    """Yield an answer word by word, as a model would."""
    for word in random.choice(ANSWERS).split():
        yield word + " "
        time.sleep(0.05)


st.title("Streamed imitation")

if "messages" not in st.session_state:
    st.session_state.messages = []

for message in st.session_state.messages:
    with st.chat_message(message["role"]):
        st.markdown(message["content"])

if prompt := st.chat_input("Say something"):
    with st.chat_message("user"):
        st.markdown(prompt)
    st.session_state.messages.append({"role": "user", "content": prompt})

    with st.chat_message("assistant"):
        answer = st.write_stream(words_of_an_answer())  # draws what comes, and returns all of it
    st.session_state.messages.append({"role": "assistant", "content": answer})
