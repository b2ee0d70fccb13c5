"""Stage 1: one question, one streamed answer, no memory."""

from view.stages.simple_chatbot import SimpleChatbotView

SimpleChatbotView().render()
