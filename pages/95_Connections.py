"""Connections: the MCP servers that mcp.json names, their tools and their logs."""

from view.pages import draw_page
from view.stages.connections.page import ConnectionsView

draw_page(ConnectionsView)
