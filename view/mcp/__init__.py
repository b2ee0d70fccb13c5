"""bnaGPT as an MCP server: the same stages and conversations for programs that speak MCP.

    python -m view.mcp

It adds no ability of its own. Read `tools.py` first, then `server.py`; over HTTP it is `http.py`, at `/mcp`.
"""
