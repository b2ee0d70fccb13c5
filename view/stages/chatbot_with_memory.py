"""Stage 2 on the screen: saved conversations in the sidebar, and how full the model's window is."""

import streamlit as st

from utils.text.markdown import plain
from view.chat.page import ChatView
from view.chat.page_parts import page_parts
from view.history.sidebar import HistorySidebar
from view.history.top_bar import TopBar
from view.shell.errors import kept_errors


class ChatbotWithMemoryView(ChatView):
    """A conversation that the model remembers."""

    slug = "chatbot_with_memory"

    def draw_sidebar(self) -> None:
        """Draw saved conversations above the rest, and the window below."""
        HistorySidebar(self.services, self.state, self.slug).draw(self.brand, self.draw_beside)
        super().draw_sidebar()
        self.draw_options()
        self.draw_window()
        page_parts().draw_totals(self.state.conversation)

    def draw_top(self) -> None:
        """Draw the conversation's title, who answers, and its settings and export."""
        TopBar(self.services, self.state, self.slug).draw(super().draw_top)

    def draw_beside(self) -> None:
        """Draw what belongs to the open conversation; a stage may have something."""

    def draw_options(self) -> None:
        """Draw whether tools ask first, and which model the conversation keeps to."""
        if self.stage.has_tools:
            self.draw_asks_first()
        if model_name := self.state.conversation.options.model_name:
            st.caption(f"This conversation is always answered by {plain(model_name)}.")

    def draw_asks_first(self) -> None:
        """Draw the switch that lets no tool run before the person has said yes."""
        is_set, is_fixed = self.state.conversation.options.asks_first, self.services.providers.settings.ask_before_tools
        help_text = "ASK_BEFORE_TOOLS in the settings says so." if is_fixed else None
        key = f"bna.{self.slug}.asks_first.{self.state.conversation.id}"
        st.session_state[key] = is_set or is_fixed  # another conversation may have had the same key
        st.toggle(
            "Ask before a tool runs",
            key=key,
            disabled=is_fixed,
            help=help_text,
            on_change=self.choose_asks_first,
            args=(key,),
        )

    def choose_asks_first(self, key: str) -> None:
        """Take the switch over before anything else happens: what is asked in the same moment heeds it."""
        with kept_errors(self.state):
            self.services.changes.choose(self.state.conversation, asks_first=st.session_state[key])

    def draw_window(self) -> None:
        """Draw how much of what the model can read at once the last request took."""
        last = next((m for m in reversed(self.state.conversation.messages) if m.window_token_count), None)
        if last and last.window_token_count and last.context_window:
            share = min(1.0, last.window_token_count / last.context_window)
            st.progress(share, f"Context window: {last.window_token_count:,} of {last.context_window:,} tokens")
