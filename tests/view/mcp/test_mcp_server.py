"""bnaGPT as an MCP server: real clients ask it over stdio and HTTP, and whoever may not ask is refused."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult

from controller.stages.connections.config import ConfigFile, config_from
from controller.stages.connections.connection import Connection
from controller.stages.connections.registry import Connections
from controller.stages.connections.tools import tools_of
from model.chat.conversation import Conversation
from model.chat.message import Message
from settings import ROOT, Settings
from tests.api_server import ApiServer
from tests.mcp_places import INSPECTOR
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import wait_until
from utils.retrieval.embeddings import FOLDER
from utils.threads.stop import CancellationToken

NAMES = {"ask", "search_conversations", "read_conversation", "search_documents"}
needs_encoder = pytest.mark.skipif(not FOLDER.is_dir(), reason="the encoder's weights are not installed")
needs_node = pytest.mark.skipif(
    shutil.which("npx") is None and os.environ.get("CI") != "true", reason="Node is not here, which the inspector needs"
)
Talk = Callable[[Client], Awaitable[Any]]
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
ACCEPT = {"Accept": "application/json, text/event-stream"}


def over_http(api: ApiServer, talk: Talk, mode: str = "auto") -> Any:
    async def run() -> Any:
        async with Client(f"http://{api.host}/mcp", mode=mode) as client:
            return await talk(client)

    return asyncio.run(run())


def texts(result: CallToolResult) -> str:
    return "\n".join(block.text for block in result.content if block.type == "text")


async def search(arguments: dict[str, str], client: Client) -> CallToolResult:
    return await client.call_tool("search_documents", arguments)


def saved(api: ApiServer, *messages: Message, name: str = "Rain") -> str:
    api.parts.conversations.save_conversation(name, Conversation(list(messages)))
    return api.parts.conversations.list_conversations()[0].id


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_over_http_a_client_asks_and_goes_on_with_the_conversation(api: ApiServer, server: ScriptedServer, mode: str):
    server.script(Reply("Warm air rises."), Reply("It cools."))

    async def talk(client: Client) -> None:
        assert {tool.name for tool in (await client.list_tools()).tools} == NAMES
        first = await client.call_tool("ask", {"question": "How does rain form?"})
        assert texts(first) == "Warm air rises." and first.structured_content
        known = first.structured_content["conversation_id"]
        second = await client.call_tool("ask", {"question": "And then?", "conversation_id": known})
        assert texts(second) == "It cools."
        read = await client.call_tool("read_conversation", {"conversation_id": known})
        assert read.structured_content
        assert [one["role"] for one in read.structured_content["messages"]] == ["user", "assistant"] * 2

    over_http(api, talk, mode)
    assert len(api.parts.conversations.list_conversations()) == 1


def test_conversations_are_found_read_and_listed_as_resources(api: ApiServer):
    known = saved(api, Message("user", "How does rain form?"), Message("assistant", "Warm air rises."))

    async def talk(client: Client) -> None:
        found = await client.call_tool("search_conversations", {"query": "warm"})
        assert found.structured_content and found.structured_content["conversations"][0]["conversation_id"] == known
        [resource] = (await client.list_resources()).resources
        read = await client.read_resource(resource.uri)
        assert resource.name == "Rain" and "Warm air rises." in getattr(read.contents[0], "text", "")
        with pytest.raises(Exception, match="conversation"):
            await client.read_resource("bnagpt://conversations/nothing")

    wait_until(lambda: api.parts.conversations.search("warm"))
    over_http(api, talk)


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("ask", {}, "“question” is missing"),
        ("ask", {"question": "x", "stage": "nowhere"}, "has to be one of"),
        ("ask", {"question": "x", "conversation_id": "nothing"}, "conversation"),
        ("read_conversation", {"conversation_id": "../../etc/passwd"}, "conversation"),
        ("search_documents", {"query": "x"}, "There are no documents there."),
        ("search_conversations", {"query": "x", "limit": 10**9}, "limit"),
        ("search_conversations", {"query": "x", "more": 1}, "more"),
    ],
)
def test_a_wrong_call_is_told_as_its_result_in_one_line(
    api: ApiServer, name: str, arguments: dict[str, Any], told: str
):
    result = over_http(api, lambda client: client.call_tool(name, arguments))
    assert result.is_error and told in texts(result) and "\n" not in texts(result)


def test_a_fault_of_the_provider_is_told_as_the_result(api: ApiServer, server: ScriptedServer):
    server.script(Reply(status=401), Reply(status=401))
    result = over_http(api, lambda client: client.call_tool("ask", {"question": "Hi"}))
    assert result.is_error and "key" in texts(result).lower()


def test_a_tool_that_would_ask_the_person_does_not_run(api: ApiServer, server: ScriptedServer, tmp_path: Path):
    event = json.dumps({"title": "Dentist", "begin": "2030-01-01T15:00"})
    server.script(Reply(tool_calls=[("add_event", event)]), Reply("I could not."))
    result = over_http(api, lambda client: client.call_tool("ask", {"question": "Dentist", "stage": "log"}))
    assert texts(result) == "I could not." and not (tmp_path / "calendar.ics").exists()
    assert "Over MCP nobody can be asked" in str(server.requests[-1].body["messages"][-1]["content"])


@needs_encoder
def test_documents_of_conversations_are_searched(api: ApiServer):
    text = b"The Eiffel Tower is 330 metres tall.\n\nBread is baked from flour and water."
    file = api.parts.resources.attachments.put("facts.txt", text)
    known = saved(api, Message("user", "Hi", attachments=[file]), Message("assistant", "Hello."))
    wish = {"query": "How tall is the Eiffel Tower?"}
    for arguments in (wish, wish | {"conversation_id": known}):
        result = over_http(api, partial(search, arguments))
        assert "330 metres" in texts(result) and result.structured_content["passages"][0]["file"] == "facts.txt"


def test_a_client_that_cancels_stops_the_answer(api: ApiServer, server: ScriptedServer):
    server.script(Reply("word " * 10_000, tokens_per_s=20))

    async def talk(client: Client) -> None:
        asking = asyncio.create_task(client.call_tool("ask", {"question": "Tell me all."}))
        while not api.parts.turns.running():
            await asyncio.sleep(0.01)
        asking.cancel()
        await asyncio.wait({asking})

    over_http(api, talk)
    wait_until(lambda: not api.parts.turns.running())


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "https://evil.example"},
        {"X-Forwarded-For": "1.2.3.4"},
    ],
)
def test_without_keys_only_this_machine_asks(api: ApiServer, headers: dict[str, str]):
    response = api.client.post("/mcp", json=INITIALIZE, headers=ACCEPT | headers)
    assert response.status_code == 403, response.text


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEYS", "a-good-key")


def test_with_keys_a_client_has_to_bring_one(locked: None, api: ApiServer):
    assert api.client.post("/mcp", json=INITIALIZE, headers=ACCEPT).status_code == 401
    wrong = api.client.post("/mcp", json=INITIALIZE, headers=ACCEPT | {"Authorization": "Bearer wrong"})
    assert wrong.status_code == 401
    good = api.client.post("/mcp", json=INITIALIZE, headers=ACCEPT | {"Authorization": "Bearer a-good-key"})
    assert good.status_code == 200 and "bnaGPT" in good.text


@pytest.mark.parametrize("body", ["{", "[]", '"x"', "x" * 2_000_000])
def test_a_body_that_is_no_message_is_refused(api: ApiServer, body: str):
    headers = ACCEPT | {"Content-Type": "application/json"}
    response = api.client.post("/mcp", content=body, headers=headers)
    assert 400 <= response.status_code < 500
    assert api.client.post("/mcp", json=INITIALIZE, headers=ACCEPT).status_code == 200


@pytest.fixture
def environment(server: ScriptedServer, environ: dict[str, str]) -> dict[str, str]:
    return environ | {"EMBEDDED_MODEL": "smollm2"}


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_over_stdio_a_client_asks(server: ScriptedServer, environment: dict[str, str], mode: str):
    server.script(Reply("Warm air rises."))
    program = StdioServerParameters(command=sys.executable, args=["-m", "view.mcp"], cwd=ROOT, env=environment)

    async def run() -> None:
        async with Client(program, mode=mode) as client:
            assert {tool.name for tool in (await client.list_tools()).tools} == NAMES
            assert texts(await client.call_tool("ask", {"question": "How does rain form?"})) == "Warm air rises."

    asyncio.run(run())


@needs_node
@pytest.mark.slow
@pytest.mark.parametrize("wire", ["stdio", "http"])
def test_the_official_inspector_lists_and_calls(
    api: ApiServer, server: ScriptedServer, environment: dict[str, str], wire: str
):
    server.script(Reply("Warm air rises."))
    variables = [part for name, value in environment.items() for part in ("-e", f"{name}={value}")]
    peer = [f"http://{api.host}/mcp", "--transport", "http"] if wire == "http" else [sys.executable, "-m", "view.mcp"]
    call = ["--method", "tools/call", "--tool-name", "ask", "--tool-arg", "question=Rain?"]
    inspector = [
        "npx",
        "-y",
        INSPECTOR,
        "--cli",
        *(variables if wire == "stdio" else []),
        *peer,
    ]
    listed = subprocess.run(
        [*inspector, "--method", "tools/list"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert {tool["name"] for tool in json.loads(listed.stdout)["tools"]} == NAMES, listed.stderr
    called = subprocess.run([*inspector, *call], capture_output=True, text=True, cwd=ROOT, check=False)
    assert json.loads(called.stdout)["content"][0]["text"] == "Warm air rises.", called.stderr


@pytest.fixture
def own_connection(api: ApiServer) -> Iterator[Connection]:
    """Return a connection from bnaGPT to itself, over streamable HTTP."""
    path = api.parts.resources.settings.conversations_file.with_name("own.json")
    path.write_text(json.dumps({"mcpServers": {"own": {"url": f"http://{api.host}/mcp"}}}))
    settings = Settings.from_env({"MCP_CONFIG": str(path)})
    made = Connections(ConfigFile(settings), {})
    yield made.all()[0]
    made.end()


def test_bnagpt_connects_to_itself_over_http(own_connection: Connection, server: ScriptedServer):
    server.script(Reply("Warm air rises."))
    own_connection.start()
    assert {tool.name for tool in tools_of(own_connection)} == NAMES
    assert [tool.name for tool in tools_of(own_connection) if not tool.is_read_only] == ["ask"]
    result = own_connection.call("ask", {"question": "Rain?"}, CancellationToken(), lambda _text: None, 60)
    assert texts(result) == "Warm air rises."


def test_the_server_is_named_as_a_row_of_mcp_json_would_name_it():
    row = {"command": ".venv/bin/python", "args": ["-m", "view.mcp"], "cwd": "/path/to/bnaGPT"}
    assert config_from({"mcpServers": {"bnagpt": row}}, {}).problems == ()
