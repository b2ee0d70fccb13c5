"""What people see. Read `app.py` first, what is built once; then `chat/page.py`."""
