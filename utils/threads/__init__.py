"""Work beside the page: a cancellation token, broadcasts, periodic calls. Read `stop.py` first."""
