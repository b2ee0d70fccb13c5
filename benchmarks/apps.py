"""The processes that are measured: a scripted endpoint, bnaGPT, and the tutorial's page; each ends with its block."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from model.providers.provider import provider_variables
from settings import ROOT, VARIABLES

START_TIMEOUT_S = 60.0
IDLE_PERCENT = 5.0
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Endpoint:
    """The scripted endpoint in its own process; its clock is the wall's, as the browser's is."""

    root_url: str
    control: httpx.Client

    @property
    def base_url(self) -> str:
        """Return what an OpenAI client is given."""
        return f"{self.root_url}/v1"

    def script(self, **reply: Any) -> None:
        """Forget what was asked, and tell what to answer next (`tests.scripted_replies.Reply`)."""
        self.script_all([reply])

    def script_all(self, replies: list[dict[str, Any]]) -> None:
        """Forget what was asked, and tell what to answer to the next requests."""
        self.control.post("/reset").raise_for_status()
        self.control.post("/script", json=replies).raise_for_status()

    def requests(self) -> list[dict[str, Any]]:
        """Return the record of all requests since the last script."""
        requests: list[dict[str, Any]] = self.control.get("/record").json()
        return requests

    def last_request(self) -> dict[str, Any]:
        """Return the record of the last request."""
        return self.requests()[-1]


@dataclass(frozen=True)
class App:
    """A Streamlit app that runs; `url` is that of its chat."""

    title: str
    url: str
    pid: int

    def memory_mb(self) -> float:
        """Return the resident memory of the server and what it started."""
        server = psutil.Process(self.pid)
        return sum(float(process.memory_info().rss) for process in [server, *server.children(recursive=True)]) / 1e6

    def wait_until_idle(self) -> None:
        """Wait until the server has nothing more to do by itself."""
        server = psutil.Process(self.pid)
        while server.cpu_percent(interval=1.0) > IDLE_PERCENT:
            pass


@contextmanager
def scripted_endpoint() -> Iterator[Endpoint]:
    """Run the scripted endpoint."""
    port = free_port()
    with _running([sys.executable, "-m", "tests.scripted_server", "--port", str(port)], {}) as process:
        root_url = f"http://{HOST}:{port}"
        _wait_until_up(f"{root_url}/v1/models", process)
        with httpx.Client(base_url=root_url, timeout=30) as control:
            yield Endpoint(root_url, control)


@contextmanager
def bnagpt(endpoint: Endpoint, conversations_file: Path) -> Iterator[App]:
    """Run bnaGPT with the endpoint as its provider; the address is that of the page with memory."""
    environ = {"LLM_PROVIDER": "openai", "LLM_MODEL": "scripted", "CONVERSATIONS_FILE": str(conversations_file)}
    with _streamlit("Home.py", endpoint, environ) as (url, pid):
        yield App("bnaGPT", f"{url}/Chatbot_With_Memory", pid)


@contextmanager
def tutorial(endpoint: Endpoint) -> Iterator[App]:
    """Run the tutorial's page on the same Streamlit with the same config."""
    with _streamlit("benchmarks/tutorial_page.py", endpoint, {}) as (url, pid):
        yield App("tutorial page", url, pid)


def clean_environ(endpoint: Endpoint) -> dict[str, str]:
    """Return variables that make the endpoint the only provider; an empty one wins over `.env`."""
    empty = {variable.name: "" for variable in (*VARIABLES, *provider_variables())}
    return {**empty, "OPENAI_API_KEY": "k", "OPENAI_BASE_URL": endpoint.base_url}


@contextmanager
def _streamlit(script: str, endpoint: Endpoint, environ: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    port = free_port()
    # `-m` puts the project on the path, for the tutorial's page too.
    command = [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}", "--server.headless=true"]
    with _running(command, {**clean_environ(endpoint), **environ}) as process:
        url = f"http://{HOST}:{port}"
        _wait_until_up(f"{url}/_stcore/health", process)
        yield url, process.pid


@contextmanager
def _running(command: list[str], environ: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ}, stdout=quiet, stderr=quiet)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_up(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline_at = time.monotonic() + START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline_at:
        try:
            if httpx.get(url).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"{url} did not answer within {START_TIMEOUT_S:g} s, or its process ended")


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
