"""A small language model on this machine, behind the OpenAI protocol.

llama.cpp runs inside this process (the package xllamacpp) and listens on 127.0.0.1 only, on a free port, under
a key made up at each start, so that no web page and no other user of the machine can talk to it.
Run it alone: `python -m utils.local_models.server MODEL.gguf`
"""

import os
import secrets
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SLOTS = 2  # answers that are written at the same time; others wait for one to end


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen, where a request does not say so; llama.cpp's own ways where it is None."""

    temperature: float
    dry_multiplier: float
    dry_allowed_length: int
    most_tokens: int


class LocalServer:
    """A server that starts when it is first needed; `base_url` serves both the OpenAI and the Groq SDK."""

    def __init__(
        self, model_path: Path, context_window: int, model_name: str, sampling: Sampling | None = None
    ) -> None:
        """Prepare a server whose conversations may each take `context_window` tokens."""
        self.model_path = model_path
        self.model_name = model_name
        self.context_window = context_window
        self.sampling = sampling
        self.key = secrets.token_hex(16)
        self._server: Any = None
        self._lock = threading.Lock()

    def start(self) -> str:
        """Start the server if it is not running, and return its base URL.

        Raises: FileNotFoundError when there is no model file, RuntimeError when it can't be loaded.
        """
        with self._lock:
            if self._server is None:
                self._server = self._load()
            return f"{self._server.listening_address}/openai/v1"

    def _load(self) -> Any:
        """Load the weights and listen; takes a second or two."""
        if not self.model_path.is_file():
            raise FileNotFoundError(self.model_path)
        # Imported here: a person who uses another provider needs no llama.cpp in memory.
        import xllamacpp

        params = xllamacpp.CommonParams()
        params.model.path = str(self.model_path)
        params.model_alias = {self.model_name}
        params.hostnames = ["127.0.0.1"]
        params.port = 0
        params.api_prefix = "/openai"
        params.api_keys = [self.key]
        params.n_parallel = SLOTS
        params.n_ctx = self.context_window * SLOTS
        if self.sampling:
            _set_sampling(params, self.sampling)
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = thread_count()
        # Waiting threads sleep: where they spin, as is usual, an answer takes 40 times as long beside a busy browser.
        params.cpuparams.poll = params.cpuparams_batch.poll = 0
        params.verbosity = 0
        params.ui = False
        return xllamacpp.Server(params)


def _set_sampling(params: Any, sampling: Sampling) -> None:
    """Set what a small model needs to come to an end, and not to say the same again and again."""
    params.n_predict = sampling.most_tokens
    params.sampling.temp = sampling.temperature
    params.sampling.dry_multiplier = sampling.dry_multiplier
    params.sampling.dry_allowed_length = sampling.dry_allowed_length
    params.sampling.dry_penalty_last_n = 512


def thread_count() -> int:
    """Return how many threads compute: one core is left to the browser and to bnaGPT itself.

    Threads wait for each other at every layer, so one that has no core to itself slows all: on two cores of which one
    was busy, two threads gave 4 tokens/s, and one gave 28.
    """
    return max(1, (os.cpu_count() or 1) - 1)


def main() -> None:
    path = Path(sys.argv[1])
    server = LocalServer(path, 8192, path.stem)
    sys.stdout.write(f"OPENAI_BASE_URL={server.start()}\nOPENAI_API_KEY={server.key}\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
