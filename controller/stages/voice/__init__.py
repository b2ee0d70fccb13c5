"""Stage 9, Voice. Read `controller.py` first, then `hearing.py` and `speaking.py`."""
