"""Home: what bnaGPT is, its stages as cards, who answers, and a box to start chatting at once."""

import streamlit as st

from controller.stages import STAGES, Stage, stage
from utils.text.markdown import plain
from view.chat.actions import ChatActions
from view.chat.prompt_box import PromptBox
from view.history.sidebar import draw_navigation
from view.shell.browser import send_commands
from view.shell.model_picker import chosen, draw_model_picker, draw_other_ways, draw_way_to_models
from view.shell.page import page
from view.shell.services import services
from view.shell.session import ChatState

CHAT = stage("chatbot_with_memory")


class HomeView:
    """The contents page."""

    def render(self) -> None:
        with page("bnaGPT"):
            with st.sidebar:
                draw_navigation()
            with st.container(key="bna_home"):
                st.title("bnaGPT", anchor=False)
                st.markdown("A ChatGPT that runs on your own machine, and that you can read.")
            # In a box of its own: at the foot of the page it would make Streamlit begin there.
            with st.container():
                self.draw_input()
            self.draw_provider()
            with st.container(key="bna_cards"):
                for row in STAGES:
                    self.draw_card(row)
            send_commands()

    def draw_provider(self) -> None:
        """Draw who answers now, how another one is chosen, and what brings a stronger model."""
        providers = services().providers
        choice = chosen(providers)
        provider = choice.provider or providers.default
        model_name = choice.model_name or providers.default_model(provider) or "its first model"
        with st.container(key="bna_answers", horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(provider.title)}** answers, with {plain(model_name)}.", width="stretch")
            with st.popover("Choose a model", icon=":material/smart_toy:", type="tertiary"):
                draw_model_picker(providers)
            if provider.is_small:
                with st.popover("Use a stronger model", icon=":material/bolt:", type="tertiary"):
                    st.markdown("The embedded model is small, and often wrong.")
                    draw_other_ways()
        if provider.is_small:
            draw_way_to_models()

    def draw_card(self, row: Stage) -> None:
        """Draw a stage: what it adds, and the way there."""
        with st.container(border=True, key=f"bna_card_{row.slug}", gap="xxsmall"):
            st.page_link(row.page, label=f"**{row.number}. {row.title}**", icon=row.icon)
            st.caption(row.adds)

    def draw_input(self) -> None:
        """Draw the box that starts a new conversation in stage 2."""
        prompt = st.chat_input("Ask anything", key="bna.home.prompt")
        if prompt:
            asker = ChatActions(CHAT, ChatState.of(CHAT.slug))
            if not asker.start_new(prompt) and asker.state is ChatState.of(CHAT.slug):  # else a sign-in has ended
                st.session_state[PromptBox(asker, asker.state).key] = prompt
            st.switch_page(CHAT.page)
