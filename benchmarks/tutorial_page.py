"""The baseline: a chat page as Streamlit's tutorial writes it (https://docs.streamlit.io/develop/tutorials/chat-and-llm-apps).

With `?messages=2000` in its address it begins with that many messages.
"""

import streamlit as st
from openai import OpenAI

from benchmarks.samples import sample_messages

st.title("ChatGPT-like clone")

client = OpenAI()

if "messages" not in st.session_state:
    st.session_state.messages = sample_messages(int(st.query_params.get("messages", "0")))

for message in st.session_state.messages:
    with st.chat_message(message["role"]):
        st.markdown(message["content"])

if prompt := st.chat_input("What is up?"):
    st.session_state.messages.append({"role": "user", "content": prompt})
    with st.chat_message("user"):
        st.markdown(prompt)
    with st.chat_message("assistant"):
        stream = client.chat.completions.create(model="scripted", messages=st.session_state.messages, stream=True)
        response = st.write_stream(stream)
    st.session_state.messages.append({"role": "assistant", "content": response})
