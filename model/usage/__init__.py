"""What requests took and cost. Read `rows.py` first."""
