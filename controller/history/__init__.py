"""Saved conversations, and what is changed in them.

Read `editing.py` first.
"""
