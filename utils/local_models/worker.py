"""The process in which a chat model of this machine runs: llama.cpp (the package xllamacpp) behind the OpenAI protocol.

It reads one line that tells which model and how, says where it listens, and lives until its input ends: so it ends with
the program that has started it, however that ends. `server.py` is that program's side.
"""

import json
import os
import sys
from typing import Any

SLEEPING = 0  # waiting threads sleep: where they spin, as is usual, an answer takes 40 times as long beside a browser


def main() -> None:
    wanted = json.loads(sys.stdin.readline())
    try:
        server = _load(wanted)
    except Exception as error:  # what llama.cpp tells has no class of its own
        _say(problem=str(error) or type(error).__name__)
        os._exit(1)
    _say(address=server.listening_address)
    sys.stdin.read()
    os._exit(0)  # at once, whatever it is writing: to take llama.cpp apart meanwhile is what makes it crash


def _say(**told: str) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def _load(wanted: dict[str, Any]) -> Any:
    """Load the weights and listen, as `LocalServer` wants it; takes a second or two."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = wanted["path"]
    if wanted["projector"]:
        params.mmproj.path = wanted["projector"]
    params.model_alias = {wanted["name"]}
    params.hostnames = ["127.0.0.1"]
    params.port = wanted["port"]
    params.api_prefix = "/openai"
    params.api_keys = [wanted["key"]]
    params.n_parallel = wanted["slots"]
    params.n_ctx = wanted["context_window"] * wanted["slots"]
    # Whether layers go to a graphics card, and how many, llama.cpp decides by itself: all that fit, where there is one.
    params.use_jinja = True  # the model's own template, which knows tools
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = thread_count()
    params.cpuparams.poll = params.cpuparams_batch.poll = SLEEPING
    params.verbosity = 0
    params.ui = False
    if wanted["sampling"]:
        _set_sampling(params, **wanted["sampling"])
    return xllamacpp.Server(params)


def _set_sampling(
    params: Any, temperature: float, dry_multiplier: float, dry_allowed_length: int, most_tokens: int
) -> None:
    """Set what a small model needs to come to an end, and not to say the same again and again."""
    params.n_predict = most_tokens
    params.sampling.temp = temperature
    params.sampling.dry_multiplier = dry_multiplier
    params.sampling.dry_allowed_length = dry_allowed_length
    params.sampling.dry_penalty_last_n = 512


def thread_count() -> int:
    """Return how many threads compute: one core is left to the browser and to bnaGPT itself.

    Threads wait for each other at every layer, so one that has no core to itself slows all: on two cores of which one
    was busy, two threads gave 4 tokens/s, and one gave 28.
    """
    return max(1, (os.cpu_count() or 1) - 1)


if __name__ == "__main__":
    main()
