"""Stage 10 on the screen. Read `page.py` first."""
