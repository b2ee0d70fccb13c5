"""Stage 11 on the screen. Read `page.py` first."""
