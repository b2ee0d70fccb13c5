"""Conversations in a database, SQLite or PostgreSQL: what `DATABASE_URL` chooses in place of the JSON file.

Read `tables.py` first, then `store.py`, `shared_tables.py` and `database.py`. Only who sets DATABASE_URL imports this.
"""
