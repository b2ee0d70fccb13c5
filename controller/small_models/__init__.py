"""Help for models that are often wrong, handed to turns by `view/app.py`, and the model that finds passages.

Read `policy.py` first, then `rules.py`; `encoders.py` is by itself.
"""
