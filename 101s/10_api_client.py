"""A page that asks bnaGPT over HTTP: the answer comes as server-sent events, the conversation lives at the server.

Run me with: streamlit run 101s/10_api_client.py

Start bnaGPT first: `make run`. Where it has API_KEYS, API_KEY is one of them; API is its address, if it is another.
"""

import json
import os

import httpx
import streamlit as st

API = os.environ.get("API", "http://127.0.0.1:8501/api")
KEY = os.environ.get("API_KEY")
WITH = {
    "headers": {"Authorization": f"Bearer {KEY}"} if KEY else {},
    "timeout": 60,
    "trust_env": False,  # no proxy stands between this machine and itself
}


def read_events(lines):
    """Yield name and data of server-sent events; an empty line ends one, and data may have several lines."""
    name, data = "message", []
    for line in lines:
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")  # one space only: the next ones belong to the text
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
        elif not line and data:
            yield name, "\n".join(data)
            name, data = "message", []


def stream_answer(prompt):
    """Yield the answer piece by piece, and keep the id of the conversation that it belongs to."""
    body = {"message": prompt}
    if "conversation" in st.query_params:
        body["conversation_id"] = st.query_params["conversation"]
    with httpx.stream("POST", f"{API}/chat/stream", json=body, **WITH) as response:
        if response.is_error:
            yield problem_of(response.read())
            return
        for name, data in read_events(response.iter_lines()):
            if name == "token":
                yield data
            elif name == "error":  # it had begun, so the status can't tell
                yield f"\n\n{problem_of(data)}"
            elif name == "done":
                st.query_params["conversation"] = json.loads(data)["conversation_id"]


def problem_of(body):
    """Return what went wrong (RFC 9457)."""
    problem = json.loads(body)
    return f":red[{problem['title']} {problem.get('detail', '')}]"


st.title("bnaGPT, over HTTP")

if conversation := st.query_params.get("conversation"):
    kept = httpx.get(f"{API}/conversations/{conversation}", **WITH).raise_for_status().json()
    for message in kept["messages"]:
        st.chat_message(message["role"]).markdown(message["content"])

if prompt := st.chat_input("Ask anything"):
    st.chat_message("user").markdown(prompt)
    st.chat_message("assistant").write_stream(stream_answer(prompt))

st.caption(f"Conversation: {st.query_params.get('conversation', 'a new one')}")
