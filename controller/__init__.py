"""What the app does; it knows no screen.

Read `turn.py` first, then `chat/controller.py`: one question in, events out.
"""
