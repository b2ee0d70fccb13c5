"""Stage 6, Run Code. Read `controller.py` first, then `tool.py`."""
