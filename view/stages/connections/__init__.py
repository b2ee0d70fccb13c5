"""The page of connections. Read `page.py`."""
