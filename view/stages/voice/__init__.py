"""Stage 9 on the screen. Read `page.py` first."""
