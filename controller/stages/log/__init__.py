"""Stage 12, Log: a conversation for each day, a calendar, and what was said long ago. Read `controller.py` first."""
