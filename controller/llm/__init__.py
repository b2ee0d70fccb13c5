"""The wire: providers, their SDKs, LlamaIndex, streams and their errors.

Read `providers.py` first, then `client.py`, `agent_bridge.py` and `wire.py`.
"""
