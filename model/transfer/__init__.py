"""Conversations out of and into other programs' files. Read `importing.py` and `export.py` first."""
