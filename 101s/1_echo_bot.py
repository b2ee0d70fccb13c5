"""Echo bot: the elements of a chat page, and no model yet.

Run me with: streamlit run 101s/1_echo_bot.py
"""

import streamlit as st

st.title("Echo bot")

# Streamlit runs this file from top to bottom after every click; only the session state outlives a run.
if "messages" not in st.session_state:
    st.session_state.messages = []

for message in st.session_state.messages:
    with st.chat_message(message["role"]):
        st.markdown(message["content"])

if prompt := st.chat_input("Say something"):
    with st.chat_message("user"):
        st.markdown(prompt)
    st.session_state.messages.append({"role": "user", "content": prompt})

    answer = f"Echo: {prompt}"
    with st.chat_message("assistant"):
        st.markdown(answer)
    st.session_state.messages.append({"role": "assistant", "content": answer})
