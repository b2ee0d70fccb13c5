"""The server of a model on this machine: a process of its own, which ends when it should."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from model.providers.embedded import SMALLEST
from settings import ROOT
from tests.waiting import has_ended, wait_until
from utils.local_models.server import LocalServer

BODY = {"messages": [{"role": "user", "content": "Tell a long story."}], "max_tokens": 400, "stream": True}
needs_weights = pytest.mark.skipif(not SMALLEST.is_here, reason="the smallest model is not installed; `make install`")


def headers(server: LocalServer) -> dict[str, str]:
    return {"Authorization": f"Bearer {server.key}"}


@needs_weights
def test_it_starts_ends_and_starts_again_at_the_same_address():
    server = LocalServer(SMALLEST.path, 512, "small")
    urls = []
    for _ in range(3):
        assert not server.is_running
        urls.append(server.start())
        assert server.is_running and httpx.get(f"{urls[-1]}/models", headers=headers(server)).json()["data"]
        server.stop()
    assert len(set(urls)) == 1
    with pytest.raises(httpx.ConnectError):
        httpx.get(urls[0])


@needs_weights
def test_it_ends_at_once_also_while_it_answers():
    server = LocalServer(SMALLEST.path, 512, "small")
    with httpx.stream("POST", f"{server.start()}/chat/completions", json=BODY, headers=headers(server)) as answer:
        lines = answer.iter_lines()
        assert next(lines)
        pid = server._process.pid if server._process else 0
        server.stop()
        with pytest.raises(httpx.HTTPError):
            list(lines)
    assert has_ended(pid)


@needs_weights
def test_it_ends_with_the_program_that_started_it_however_that_ends():
    code = (
        "import os, signal; from pathlib import Path; from utils.local_models.server import LocalServer\n"
        f"server = LocalServer(Path({str(SMALLEST.path)!r}), 512, 'small'); server.start()\n"
        "print(server._process.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    wait_until(lambda: has_ended(int(done.stdout)))


@needs_weights
def test_one_that_has_crashed_starts_again():
    server = LocalServer(SMALLEST.path, 512, "small")
    server.start()
    assert server._process
    server._process.kill()
    server._process.wait()
    assert httpx.get(f"{server.start()}/models", headers=headers(server)).is_success
    server.stop()


def test_a_file_that_is_no_model_is_told_and_ends_nothing(tmp_path: Path):
    (tmp_path / "bad.gguf").write_bytes(b"GGUF" + b"\xff" * 5000)
    with pytest.raises(RuntimeError):
        LocalServer(tmp_path / "bad.gguf", 512, "bad").start()
    with pytest.raises(FileNotFoundError):
        LocalServer(tmp_path / "none.gguf", 512, "none").start()


@needs_weights
def test_a_program_that_is_interrupted_while_it_answers_does_not_crash():
    code = (
        "import os, signal, httpx; from pathlib import Path; from utils.local_models.server import LocalServer\n"
        f"server = LocalServer(Path({str(SMALLEST.path)!r}), 512, 'small')\n"
        "url = server.start() + '/chat/completions'\n"
        f"with httpx.stream('POST', url, json={BODY!r}, headers={{'Authorization': f'Bearer {{server.key}}'}}) as r:\n"
        "    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a background\n"
        "    lines = r.iter_lines(); next(lines); os.kill(os.getpid(), signal.SIGINT); list(lines)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "KeyboardInterrupt" in done.stderr and done.returncode in (1, -signal.SIGINT)


@needs_weights
def test_where_another_program_took_its_port_it_finds_one_at_the_next_start():
    server = LocalServer(SMALLEST.path, 512, "small")
    port = int(server.base_url.split(":")[2].split("/")[0])
    with socket.create_server(("127.0.0.1", port)):
        with pytest.raises(RuntimeError):
            server.start()
        assert httpx.get(f"{server.start()}/models", headers=headers(server)).is_success
    server.stop()
