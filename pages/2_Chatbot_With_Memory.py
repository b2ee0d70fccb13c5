"""Stage 2: a chat that remembers, saved under a name."""

from view.pages import draw_page
from view.stages.chatbot_with_memory import ChatbotWithMemoryView

draw_page(ChatbotWithMemoryView)
