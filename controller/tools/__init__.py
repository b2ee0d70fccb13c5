"""What a tool is, how it is run, and how it is remembered; no stage is known here.

Read `tool.py` first, then `runner.py`.
"""
