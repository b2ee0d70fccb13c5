"""The page of stages 1 and 2, from top to bottom.

Read `page.py` first, then `actions.py`, `transcript.py` and `streaming.py`.
"""
