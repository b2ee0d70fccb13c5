"""The page Connections: the servers that `mcp.json` names, each with its state, tools and log, and a way to try a tool.

What servers say of themselves is drawn as plain text. A server is added in the file alone.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from controller.stages.connections.connection import FAILED, OFF, ON, STARTING, Connection
from controller.stages.connections.permission import AllowedTools, allowed_of
from controller.stages.connections.registry import Connections, connections_of
from controller.stages.connections.tools import ServerTool, tools_of
from controller.stages.connections.trying import Tried, arguments_like, try_tool
from model.errors import BnaError, StoreUnreadable, ToolFailed
from utils.text.markdown import plain
from utils.text.words import counted
from view.chat.tool_results import draw_table
from view.history.sidebar import draw_navigation
from view.shell.errors import draw_error, draw_problem
from view.shell.page import page
from view.shell.services import services
from view.shell.session import session_object

KEY = "bna.connections"
LOG_LINES = 100
BADGES = {
    ON: (":material/check_circle:", "green"),
    STARTING: (":material/hourglass_top:", "orange"),
    OFF: (":material/pause_circle:", "gray"),
    FAILED: (":material/error:", "red"),
}
EXAMPLE = '{"mcpServers": {"time": {"command": "uvx", "args": ["mcp-server-time"]}}}'
ABOUT = (
    "Servers that speak MCP give bnaGPT tools: files, calendars, databases, whatever there is a server for. A server"
    " runs with your rights on this machine, so add only those that you trust. Each has a switch among the tools of"
    " All Together and of Assistants; a tool that may change something asks you first."
)


@dataclass
class ConnectionsPageState:
    """What the page remembers between two drawings: what went wrong, and what tools gave, by their server."""

    problem: str = ""
    tried: dict[str, Tried] = field(default_factory=dict)


class ConnectionsView:
    """One page about servers."""

    def render(self) -> None:
        with page("Connections · bnaGPT"):
            with st.sidebar:
                draw_navigation()
            st.title("Connections", anchor=False)
            resources = services().resources
            self.connections: Connections = connections_of(resources)
            self.allowed: AllowedTools = allowed_of(resources)
            self.state = session_object(f"{KEY}.{services().era}.{services().account.person}", ConnectionsPageState)
            self.draw()

    def draw(self) -> None:
        st.markdown(ABOUT)
        config, path = self.connections.config(), self.connections.file.path
        for problem in config.problems:
            draw_error(problem)
        problem, self.state.problem = self.state.problem, ""
        draw_problem(problem)
        if not config.rows and not config.problems:
            st.caption(f"There is no server yet. Write the file {plain(str(path))}, and reload this page:")
            st.code(EXAMPLE, language=None, wrap_lines=True)
        for connection in self.connections.all():
            with st.container(border=True, key=f"{KEY}.server.{connection.row.name}"):
                self.draw_connection(connection)
        if config.rows:
            st.caption(f"The servers stand in {plain(str(path))}. Nothing but this file adds one.")

    def draw_connection(self, connection: Connection) -> None:
        """Draw a server: its name and state, what can be done with it, its tools and its log."""
        name, tools = connection.row.name, tools_of(connection)
        icon, colour = BADGES[connection.state]
        heading = st.container(horizontal=True, vertical_alignment="center")
        heading.markdown(f"**{plain(name)}**")
        heading.badge(connection.state, icon=icon, color=colour)  # type: ignore[arg-type]
        told = "at an address" if connection.row.url else f"program {connection.row.command}"
        st.caption(plain(" · ".join(filter(None, (told, counted(len(tools), "tool") if tools else "")))))
        if connection.problem:
            draw_error(f"It can't be reached: {connection.problem}.", "Its log may tell more.")
        with st.container(horizontal=True):
            if connection.state in (ON, STARTING):
                st.button("Stop", key=f"{KEY}.stop.{name}", icon=":material/stop:", on_click=connection.end)
            else:
                start = (connection,)
                st.button(
                    "Start", key=f"{KEY}.start.{name}", icon=":material/play_arrow:", on_click=self.start, args=start
                )
        if tools:
            with st.expander(f"Tools ({len(tools)})", icon=":material/build:"):
                self.draw_tools(connection, tools)
            with st.expander("Try a tool", icon=":material/science:"):
                self.draw_try(connection, tools)
        with st.expander("Log", icon=":material/notes:"):
            st.code("\n".join(list(connection.log)[-LOG_LINES:]) or "Nothing yet.", language=None, wrap_lines=True)

    def draw_tools(self, connection: Connection, tools: list[ServerTool]) -> None:
        """Draw each tool with what it says of itself, and whether it asks first."""
        server = connection.row.name
        for number, tool in enumerate(tools):
            st.markdown(f"**{plain(tool.label)}**")
            st.caption(plain(tool.description))
            if tool.is_read_only:
                st.caption(":material/visibility: It says that it only reads.")
            elif self.is_allowed(tool):
                st.caption(":material/lock_open: You have allowed it for good.")
                key, about = f"{KEY}.forbid.{server}.{number}", (server, tool.name)
                st.button("Ask again", key=key, type="tertiary", on_click=self.forbid, args=about)
            else:
                st.caption(":material/front_hand: It asks you first.")

    def is_allowed(self, tool: ServerTool) -> bool:
        try:
            return any(one.mark == tool.mark for one in self.allowed.all())
        except StoreUnreadable as error:
            draw_error(error.message, error.hint)
            return False

    def draw_try(self, connection: Connection, tools: list[ServerTool]) -> None:
        """Draw what calls a tool by hand, and what it gave."""
        name, by_name = connection.row.name, {tool.model_name: tool for tool in tools}
        picked = st.selectbox("Tool", list(by_name), key=f"{KEY}.tool.{name}")
        tool = by_name[picked]
        key = f"{KEY}.arguments.{name}.{tool.mark}"
        st.text_area("Arguments, as JSON", json.dumps(arguments_like(tool), indent=1), key=key)
        if st.button("Call it", key=f"{KEY}.call.{name}", icon=":material/play_arrow:"):
            with st.spinner("It works…"), self.kept():
                self.state.tried[name] = try_tool(services().resources, connection, tool, st.session_state[key])
            if self.state.problem:
                st.rerun()
        if tried := self.state.tried.get(name):
            st.caption(plain(f"{tried.tool} gave, in {tried.duration_s:.1f} s:"))
            st.code(tried.text, language=None, wrap_lines=True)
            if tried.table:
                draw_table(tried.table)

    def start(self, connection: Connection) -> None:
        """Start a server, whatever has happened to it before; why it can't be stands beside it."""
        connection.end()
        with suppress(ToolFailed):
            connection.start()

    def forbid(self, server: str, tool: str) -> None:
        with self.kept():
            self.allowed.forbid(server, tool)

    @contextmanager
    def kept(self) -> Iterator[Any]:
        """Keep an error of this block for the page to draw."""
        try:
            yield
        except BnaError as error:
            self.state.problem = f"{error.message} {error.hint}".strip()
