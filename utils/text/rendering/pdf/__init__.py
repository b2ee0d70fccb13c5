"""Markdown on paper. Read `paper.py` first."""
