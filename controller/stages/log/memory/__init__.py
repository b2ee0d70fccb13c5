"""Long-term memory: what was said in other conversations, and facts. Read `controller.py` first."""
