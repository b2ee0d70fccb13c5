"""A conversation as plain data: messages, their parts, the events that fill them.

Read `message.py` first, then `conversation.py` and `events.py`.
"""
