"""Files of many kinds as blocks of text with their places, each file read in a process of its own.

Read `isolated.py` first, then `kinds.py` and `block.py`.
"""
