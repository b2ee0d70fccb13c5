"""Small requests beside the turns, handed in by `view/app.py`. Read `completion.py` first, then `titles.py`."""
