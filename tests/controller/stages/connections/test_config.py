"""`mcp.json`: the published shape, one sentence for what can't be used, and the rest stands."""

import json
from pathlib import Path

import pytest

from controller.stages.connections.config import NOT_SHARED, ConfigFile, config_from
from settings import Settings
from tests.mcp_places import write_config

TIME = {"command": "mcp-server-time"}


def test_programs_and_addresses_stand_side_by_side_and_variables_are_put_in():
    data = {
        "mcpServers": {
            "git": {"command": "uvx", "args": ["mcp-server-git", "${REPO}"], "env": {"TOKEN": "${env:TOKEN}"}, "x": 1},
            "web": {
                "type": "http",
                "url": "https://example.org/mcp",
                "headers": {"Authorization": "Bearer ${TOKEN:-no}"},
            },
            "off": {"command": "x", "disabled": True},
        }
    }
    config = config_from(data, {"REPO": "/r", "TOKEN": "secret"})
    git, web = config.rows
    assert config.problems == () and (git.args, git.env) == (("mcp-server-git", "/r"), {"TOKEN": "secret"})
    assert web.headers == {"Authorization": "Bearer secret"} and "secret" not in repr(config)
    assert config_from(data, {"REPO": "/r", "TOKEN": "other"}).rows[0].mark == git.mark  # a secret is no other server


@pytest.mark.parametrize(
    ("name", "row", "told"),
    [
        ("a" * 10_000, TIME, "can't be a server's name"),
        ("a\nb", TIME, "can't be a server's name"),
        ("", TIME, "can't be a server's name"),
        ("mine", [], "has to be an object"),
        ("mine", {}, "either “command” or “url”"),
        ("mine", {"command": "x", "url": "https://example.org"}, "either “command” or “url”"),
        ("mine", {"url": "file:///etc/passwd"}, "is no web address"),
        ("mine", {"command": "x", "args": "-v"}, "“args” has to be a list of texts"),
        ("mine", {"command": "x", "env": {"A": 1}}, "“env” and “headers” texts"),
        ("mine", {"command": "x", "args": ["a\0b"]}, "“args” has to be a list of texts"),
        ("mine", {"command": "${NOT_THERE}"}, "needs the variable NOT_THERE, which is not set"),
        ("mine", {"type": "sse", "url": "https://example.org"}, "speaks SSE"),
    ],
)
def test_a_row_that_can_not_be_used_is_told_in_one_sentence_and_the_others_stand(name, row, told):
    config = config_from({"mcpServers": {name: row, "time": TIME}}, {})
    assert [one.name for one in config.rows] == ["time"]
    [problem] = config.problems
    assert told in problem and len(problem) < 200


@pytest.mark.parametrize("content", ["{", "[]", "nonsense", '{"servers": {}}', "[" * 100_000, " " * 1_000_001])
def test_a_file_that_can_not_be_read_is_told_in_one_sentence(tmp_path: Path, content: str):
    path = tmp_path / "mcp.json"
    path.write_text(content)
    config = ConfigFile(Settings.from_env({"MCP_CONFIG": str(path)})).read()
    assert config.rows == () and len(config.problems) == 1


def test_the_file_is_read_again_once_it_has_changed(tmp_path: Path):
    path = write_config(tmp_path / "mcp.json", one=TIME)
    file = ConfigFile(Settings.from_env({"MCP_CONFIG": str(path)}))
    assert [row.name for row in file.read().rows] == ["one"]
    write_config(path, one=TIME, second=TIME)
    assert [row.name for row in file.read().rows] == ["one", "second"]
    path.unlink()
    assert file.read().rows == () and file.read().problems == ()


def test_where_people_sign_in_there_are_no_connections(tmp_path: Path):
    path = write_config(tmp_path / "mcp.json", one=TIME)
    settings = Settings.from_env({"MCP_CONFIG": str(path), "SIGN_IN": "cloudflare"})
    config = ConfigFile(settings).read()
    assert config.rows == () and config.problems == (NOT_SHARED,)


def test_a_file_with_byte_order_mark_is_read(tmp_path: Path):
    path = tmp_path / "mcp.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"mcpServers": {"one": TIME}}).encode())
    assert len(ConfigFile(Settings.from_env({"MCP_CONFIG": str(path)})).read().rows) == 1
