"""A person's calendar. Read `event.py` first, then `calendar.py` and `ics.py`."""
