"""Long-term memory: what all conversations say, found by its meaning. Read `passages.py` first, then `index.py`."""
