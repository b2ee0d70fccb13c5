"""PDF files: their text, their forms, and pages that are pictures. Read `pages.py` first."""
