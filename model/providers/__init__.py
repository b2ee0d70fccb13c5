"""Who can answer, speak and draw: tables with a row for each, and what they took and cost. Read `provider.py` first."""
