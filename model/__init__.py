"""What the app knows: plain data, and the store that keeps it.

Read `chat/message.py` first, then `chat/conversation.py` and `store/json_store.py`.
"""
