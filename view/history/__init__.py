"""The sidebar's saved conversations, and the pages about them. Read `sidebar.py` first, then `conversation_list.py`."""
