"""JSON: parsed strictly or leniently, streamed, checked against a schema.

Read `text.py` first.
"""
