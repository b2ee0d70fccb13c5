"""What each stage adds to the page: one file or folder per stage, named by its slug.

Read `simple_chatbot.py` first, then `chatbot_with_memory.py`.
"""
