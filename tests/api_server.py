"""The HTTP API on a port of its own, in this process, and a client that talks to it."""

import asyncio
import json
from collections.abc import Iterator
from threading import Thread
from typing import Any

import httpx
import uvicorn

from controller.services import Services
from tests.waiting import PATIENCE_S, wait_until
from view.app import RunningApp, built_once
from view.http.app import build_api
from view.http.websocket import RecentTurns, recent_of


class Clock(asyncio.SelectorEventLoop):
    """An event loop whose time a test can put forward, so that no test waits until a limit is over."""

    ahead_s = 0.0

    def time(self) -> float:
        """Return the time as this loop sees it, in seconds."""
        return super().time() + self.ahead_s


class ApiServer:
    """The API as the environment wants it; `app` is what it is built on."""

    def __init__(self) -> None:
        self.app = built_once(RunningApp)
        api = build_api(self.app)
        config = uvicorn.Config(api, port=0, log_level="error")
        self._server = uvicorn.Server(config)
        self._clock = Clock()
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()
        wait_until(lambda: self._server.started, "the API does not start")
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.address = ("127.0.0.1", port)
        self.host = f"127.0.0.1:{port}"
        self.client = httpx.Client(base_url=f"http://{self.host}", timeout=PATIENCE_S, trust_env=False)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._clock) as runner:
            runner.run(self._server.serve())

    def later(self, seconds: float) -> None:
        """Let time pass for the server, once it has taken what had been sent to it."""

        async def put_forward() -> None:
            for _ in range(20):
                await asyncio.sleep(0)
            self._clock.ahead_s += seconds

        asyncio.run_coroutine_threadsafe(put_forward(), self._clock).result(PATIENCE_S)

    @property
    def parts(self) -> Services:
        """Return the services of who asks where nobody signs in."""
        return self.app().services_of()

    @property
    def recent(self) -> RecentTurns:
        return recent_of(self.parts.resources)

    @property
    def connection_count(self) -> int:
        """Return how many clients are connected."""
        return len(self._server.server_state.connections)

    def stream(self, **wish: Any) -> list[tuple[str, str]]:
        """Ask, and return the events of the answer."""
        with self.client.stream("POST", "/chat/stream", json=wish) as response:
            assert response.status_code == 200, response.read()
            return list(events_of(response.iter_lines()))

    def said(self, conversation_id: str) -> list[tuple[str, str]]:
        """Return who said what in a conversation."""
        messages = self.client.get(f"/conversations/{conversation_id}").json()["messages"]
        return [(one["role"], one["content"]) for one in messages]

    def close(self) -> None:
        """Stop listening."""
        self.client.close()
        self._server.should_exit = True
        self._thread.join(5)


def events_of(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Yield name and data of server-sent events, as the specification reads them."""
    name, data = "", []
    for line in lines:
        field, _, value = line.partition(":")
        if field == "event":
            name = value.removeprefix(" ")
        elif field == "data":
            data.append(value.removeprefix(" "))
        elif not line and data:
            yield name, "\n".join(data)
            name, data = "", []


def text_of(events: list[tuple[str, str]]) -> str:
    """Return the text that a client gets which knows only tokens."""
    return "".join(data for name, data in events if name == "token")


def last_of(events: list[tuple[str, str]]) -> dict[str, Any]:
    """Return the object that the last event carries."""
    found: dict[str, Any] = json.loads(events[-1][1])
    return found
