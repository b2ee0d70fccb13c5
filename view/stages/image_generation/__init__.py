"""Stage 8 on the screen. Read `page.py` first."""
