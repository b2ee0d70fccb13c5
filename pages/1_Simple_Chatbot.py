"""Stage 1: one question, one streamed answer, no memory. Read next: view/simple_chatbot.py."""

from view.simple_chatbot import SimpleChatbotView

SimpleChatbotView().render()
