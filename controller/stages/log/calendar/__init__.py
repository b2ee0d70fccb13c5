"""The calendar. Read `controller.py` first, then `tools.py`."""
