"""The HTTP API: the same stages and conversations for programs. Read `app.py` first, then `turns.py` and `chat.py`."""
