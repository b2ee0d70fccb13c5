"""Stage 3 on the screen: nothing but its name; steps and sources look the same on every page."""

from view.stages.chatbot_with_memory import ChatbotWithMemoryView


class WebSearchView(ChatbotWithMemoryView):
    """A conversation with someone who looks things up."""

    slug = "web_search"
