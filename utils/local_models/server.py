"""A chat model on this machine, behind the OpenAI protocol, in a process of its own.

It listens on 127.0.0.1 only, on a free port, under a key made up at each start, so that no web page and no other user
of the machine can talk to it. It has a process of its own because llama.cpp holds up all of Python while it loads a
model, ends the whole program over a damaged file, and gives its memory back for sure only when its process ends.
`worker.py` is what runs there. Run it alone: `python -m utils.local_models.server MODEL.gguf`
"""

import json
import secrets
import socket
import subprocess
import sys
import threading
import weakref
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from utils.threads.once import once

ROOT = Path(__file__).resolve().parents[2]
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
        self,
        model_path: Path,
        context_window: int,
        model_name: str,
        sampling: Sampling | None = None,
        projector: Path | None = None,
        slots: int = SLOTS,
    ) -> None:
        """Prepare a server whose conversations, `slots` at a time, may each take `context_window` tokens.

        A `projector` is the file by which the model sees pictures.
        """
        self.model_path = model_path
        self.model_name = model_name
        self.context_window = context_window
        self.sampling = sampling
        self.projector = projector
        self.slots = slots
        self.key = secrets.token_hex(16)
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    @once
    def base_url(self) -> str:
        """Return where it listens whenever it runs: the port is chosen once, and anew after a start that failed."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            return f"http://127.0.0.1:{free.getsockname()[1]}/openai/v1"

    @property
    def is_running(self) -> bool:
        process = self._process
        return process is not None and process.poll() is None

    @property
    def is_loading(self) -> bool:
        return self._lock.locked()

    def start(self) -> str:
        """Start the server if it is not running, and return its base URL; takes some seconds.

        Raises: FileNotFoundError when there is no model file, RuntimeError when it can't be loaded.
        """
        with self._lock:
            if not self.is_running:
                self._end()
                self._process = self._begun()
            return self.base_url

    def stop(self) -> None:
        """End the server, with all that it is writing; its memory is free when this returns."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._process:
            _kill(self._process)
        self._process = None

    def _begun(self) -> "subprocess.Popen[str]":
        """Return a process in which the model is loaded."""
        if not self.model_path.is_file():
            raise FileNotFoundError(self.model_path)
        process = subprocess.Popen(
            [sys.executable, "-m", "utils.local_models.worker"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C in the terminal is not for it
        )
        weakref.finalize(self, _kill, process)
        told = self._told(process)
        if "address" not in told:
            _kill(process)
            vars(self).pop("base_url", None)  # perhaps another program has the port now
            raise RuntimeError(told.get("problem") or "llama.cpp has broken off")
        return process

    def _told(self, process: "subprocess.Popen[str]") -> dict[str, str]:
        """Tell the process what to load, and return what it says of it; nothing where it has ended."""
        wanted = {
            "path": str(self.model_path.resolve()),
            "projector": str(self.projector.resolve()) if self.projector else "",
            "name": self.model_name,
            "context_window": self.context_window,
            "slots": self.slots,
            "port": int(self.base_url.split(":")[2].split("/")[0]),
            "key": self.key,
            "sampling": asdict(self.sampling) if self.sampling else None,
        }
        assert process.stdin and process.stdout
        with suppress(OSError, ValueError):
            process.stdin.write(json.dumps(wanted) + "\n")
            process.stdin.flush()
            told: dict[str, str] = json.loads(process.stdout.readline())
            return told
        return {}


def _kill(process: "subprocess.Popen[str]") -> None:
    """End a process at once; it keeps nothing that would be lost."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):
            if pipe:
                pipe.close()


def main() -> None:
    path = Path(sys.argv[1])
    server = LocalServer(path, 8192, path.stem)
    sys.stdout.write(f"OPENAI_BASE_URL={server.start()}\nOPENAI_API_KEY={server.key}\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
