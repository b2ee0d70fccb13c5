"""The terminal: `python -m view.terminal`. Read `__main__.py` first, then `chat.py`."""
