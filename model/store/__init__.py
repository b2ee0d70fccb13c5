"""Conversations on disk: one JSON file, a journal for turns that run, attachments beside it.

Read `protocol.py` first, then `entry_store.py`, what keeps them (`json_store.py`, `sql/store.py`), and `journal.py`.
"""
