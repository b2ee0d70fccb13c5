"""Conversations on disk: one JSON file, a journal for turns that run, attachments beside it.

Read `json_store.py` first, then `shared_file.py` and `journal.py`.
"""
