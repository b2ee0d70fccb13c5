"""JSON: parsed strictly or leniently, checked against a schema. Read `text.py` first."""
