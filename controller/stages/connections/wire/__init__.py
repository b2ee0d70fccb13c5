"""What speaks MCP: a session with one server, over a pipe or HTTP.

It is loaded once a server starts: the SDK takes a second.
"""
