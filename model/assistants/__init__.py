"""Assistants: plain data, one file each. Read `assistant.py` first."""
