"""The page You: a profile, connections, keys, everything as one file, and its end. Read `page.py` first."""
