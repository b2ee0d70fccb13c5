"""What is known of a person's Google account, and how Google is asked. Read `account.py` first, then `client.py`."""
