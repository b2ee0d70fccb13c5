"""Who can answer, speak and draw: tables with a row for each. Read `provider.py` first."""
