"""Stage 2: a chat that remembers, saved under a name."""

from view.stages.chatbot_with_memory import ChatbotWithMemoryView

ChatbotWithMemoryView().render()
