"""Models that can be fetched to this machine: a short list, the files of a repository, and what is here.

Read `catalogue.py` first, then `files.py`.
"""
