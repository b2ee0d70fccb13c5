"""Files that were read, and finding passages in them. Read `document.py` first."""
