"""Files written whole or not at all, their names, and two formats. Read `atomic.py` first."""
