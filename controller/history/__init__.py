"""Saved conversations, and what is changed in them. Read `saved_conversations.py` first, then `editing.py`."""
