"""Text: its words, Markdown, formulas, PDF, speech and terminals. Read `markdown.py` first."""
