"""Markdown drawn whole: as HTML, and on paper. Read `parser.py` first."""
