"""`mcp.json`: which MCP servers there are, in the shape that other programs use, too.

    {"mcpServers": {"time": {"command": "mcp-server-time"},
                    "mine": {"url": "https://example.org/mcp", "headers": {"Authorization": "Bearer ${TOKEN}"}}}}

Nothing but this file adds a server. What can't be used in it is told in one sentence each, and the rest stands.
Source: https://modelcontextprotocol.io/docs/develop/connect-local-servers
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

from settings import Settings
from utils.files.atomic import Stamp, stamp
from utils.net.typed_address import is_web_address
from utils.text.characters import one_line

MOST_BYTES = 1_000_000
MOST_SERVERS = 50
_NAME = re.compile(r"[^\W_](?:[\w .-]{0,62}[\w.-])?")
_VARIABLE = re.compile(r"\$\{(?:env:)?(\w+)(?::-([^}]*))?\}")
NOT_SHARED = "Connections are one person's, so they are not used where people sign in (SIGN_IN)."


@dataclass(frozen=True)
class ServerRow:
    """One server: a program of this machine with `command`, or an address.

    `mark` stands for which program or address it is, whatever secrets it gets.
    """

    name: str
    command: str = ""
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    cwd: str | None = None
    url: str = field(default="", repr=False)  # it may hold a key
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    mark: str = ""


@dataclass(frozen=True)
class Config:
    """What the file says, and what is wrong with it."""

    rows: tuple[ServerRow, ...] = ()
    problems: tuple[str, ...] = ()


class ConfigFile:
    """The file, read again whenever it has changed."""

    def __init__(self, settings: Settings) -> None:
        self.path: Path = settings.mcp_config
        self._environment = settings.environment
        self._is_shared = bool(settings.sign_in.kind)
        self._read: tuple[Stamp | None, Config] = (None, Config())
        self._lock = Lock()

    def read(self) -> Config:
        """Return what the file says now; nothing where there is none."""
        try:
            now = stamp(self.path)
        except FileNotFoundError:
            return Config()
        except OSError as error:
            return Config(problems=(f"{self.path.name} can't be read: {error.strerror}.",))
        if self._is_shared:
            return Config(problems=(NOT_SHARED,))
        with self._lock:
            if self._read[0] != now:
                self._read = now, self._parsed()
            return self._read[1]

    def _parsed(self) -> Config:
        try:
            with self.path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
            if len(data) > MOST_BYTES:
                return Config(problems=(f"{self.path.name} is larger than 1 MB, so it is not read.",))
            return config_from(json.loads(data.decode("utf-8-sig")), self._environment)
        except OSError as error:
            return Config(problems=(f"{self.path.name} can't be read: {error.strerror}.",))
        except (ValueError, RecursionError) as error:
            where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
            return Config(problems=(f"{self.path.name} is no valid JSON{where}, so it names no servers.",))


def config_from(data: Any, environment: Mapping[str, str]) -> Config:
    """Return what the file's content says; `environment` has the values of ${NAME}."""
    servers = data.get("mcpServers") if isinstance(data, dict) else None
    if not isinstance(servers, dict):
        return Config(problems=("The file has no “mcpServers”, an object with a name for each server.",))
    rows: list[ServerRow] = []
    problems: list[str] = []
    for name, row in servers.items():
        try:
            if len(rows) >= MOST_SERVERS:
                raise ValueError(f"There are more than {MOST_SERVERS} servers; the others are left out.")
            if made := _row(name, row, environment):
                rows.append(made)
        except ValueError as error:
            problems.append(str(error))
    return Config(tuple(rows), tuple(dict.fromkeys(problems)))


def _row(name: str, row: Any, environment: Mapping[str, str]) -> ServerRow | None:
    """Return a server; None for one that is switched off in the file. Raises: ValueError with a sentence."""
    if not _NAME.fullmatch(name):
        short = one_line(name[:40]) + ("…" if len(name) > 40 else "")
        raise ValueError(f"“{short}” can't be a server's name: letters, digits, spaces and ._- can, up to 64.")
    if not isinstance(row, dict):
        raise ValueError(f"“{name}” has to be an object with “command” or “url”.")
    if row.get("disabled") is True:
        return None
    if row.get("type") == "sse":
        raise ValueError(f"“{name}” speaks SSE, which MCP has given up; its “streamable HTTP” address is needed.")
    mark = sha256(json.dumps([row.get(key) for key in ("command", "args", "url", "cwd")]).encode()).hexdigest()
    try:
        filled = {
            key: _filled(row.get(key), environment) for key in ("command", "args", "env", "cwd", "url", "headers")
        }
    except KeyError as error:
        raise ValueError(f"“{name}” needs the variable {error.args[0]}, which is not set.") from error
    command, url = _text(filled["command"]), _text(filled["url"])
    if bool(command) == bool(url):
        raise ValueError(f"“{name}” needs either “command” or “url”.")
    if url and not is_web_address(url):
        raise ValueError(f"The “url” of “{name}” is no web address.")
    args, env, headers = filled["args"] or [], filled["env"] or {}, filled["headers"] or {}
    if not (_is_texts(args, list) and _is_texts(env, dict) and _is_texts(headers, dict)):
        raise ValueError(f"In “{name}”, “args” has to be a list of texts, “env” and “headers” texts by their names.")
    return ServerRow(name, command, tuple(args), env, _text(filled["cwd"]) or None, url, headers, mark)


def _filled(value: Any, environment: Mapping[str, str]) -> Any:
    """Return a value with variables in the place of ${NAME}. Raises: KeyError with the name of one that is not set."""
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: _value(found, environment), value)
    if isinstance(value, list):
        return [_filled(one, environment) for one in value]
    if isinstance(value, dict):
        return {key: _filled(one, environment) for key, one in value.items()}
    return value


def _value(found: re.Match[str], environment: Mapping[str, str]) -> str:
    value = environment.get(found[1]) or found[2]
    if value is None:
        raise KeyError(found[1])
    return value


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _is_texts(value: Any, kind: type[list[Any]] | type[dict[str, Any]]) -> bool:
    """Return whether a list, or a dict's names and values, are texts that a program can be given."""
    if not isinstance(value, kind):
        return False
    found = [*value.keys(), *value.values()] if isinstance(value, dict) else list(value)
    return all(isinstance(one, str) and "\0" not in one for one in found)
