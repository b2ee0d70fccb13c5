"""What every page has: title and style, session, model picker, errors. Read `page.py` first, then `session.py`."""
