"""Stage 12 on the screen. Read `page.py` first."""
