"""Stage 4, Documents. Read `controller.py` first, then `indexing.py` and `tools.py`."""
