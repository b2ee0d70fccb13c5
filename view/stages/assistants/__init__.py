"""Stage 7 on the screen. Read `page.py` first."""
