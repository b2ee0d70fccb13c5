"""Stage 6 on the screen. Read `page.py` first."""
