"""Stage 3, Web Search. Read `controller.py` first, then `tools.py` and `client.py`."""
