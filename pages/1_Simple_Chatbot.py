"""Stage 1: one question, one streamed answer, no memory."""

from view.pages import draw_page
from view.stages.simple_chatbot import SimpleChatbotView

draw_page(SimpleChatbotView)
