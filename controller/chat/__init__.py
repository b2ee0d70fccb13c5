"""One question answered: who asks, what is sent, what is kept.

Read `controller.py` first, then `turns.py`, `window.py` and `apply_events.py`.
"""
