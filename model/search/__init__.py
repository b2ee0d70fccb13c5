"""Full-text search over all saved conversations, in SQLite. Read `index.py` first."""
