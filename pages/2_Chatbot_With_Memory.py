"""Stage 2: a chat that remembers, saved under a name. Read next: view/chatbot_with_memory.py."""

from view.chatbot_with_memory import ChatbotWithMemoryView

ChatbotWithMemoryView().render()
