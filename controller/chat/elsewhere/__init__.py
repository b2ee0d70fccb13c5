"""Turns in other processes of the same bnaGPT, which share one PostgreSQL: seen, followed and stopped from here.

Read `shared_turns.py` first. Where there is one process, nothing of it is in use.
"""
