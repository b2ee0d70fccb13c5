"""Help for models that are often wrong, handed to turns by `view/app.py`. Read `policy.py` first, then `rules.py`."""
