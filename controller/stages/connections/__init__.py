"""Connections: tools of MCP servers. Read `config.py` first, then `connection.py`, `tools.py` and `controller.py`."""
