"""What language models write: their thoughts told apart, repetition found, sums computed.

Read `think_tags.py` first.
"""
