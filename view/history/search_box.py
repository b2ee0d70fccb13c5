"""The search box: names and all messages of all conversations, opened at the hit."""

import streamlit as st

from controller.history.saved_conversations import Hit
from utils.text.markdown import plain
from utils.text.words import MARK_BEGIN, MARK_END
from view.history.conversation_list import ConversationList
from view.shell.services import services


class SearchBox:
    """What a person seeks, and what was found, in the place of the list."""

    def __init__(self, saved: ConversationList) -> None:
        self.list = saved
        self.key = f"{saved.key}.search"

    def draw_input(self) -> None:
        icon = ":material/search:"
        st.text_input("Search", key=self.key, placeholder="Search, then Enter", icon=icon, label_visibility="collapsed")

    def draw_found(self) -> None:
        """Draw the hits, or all conversations where nothing is sought."""
        sought = st.session_state[self.key]
        if not sought.strip():
            self.list.draw()
            return
        hits = services().conversations.search(sought, self.list.state.listed_count)
        st.caption(f"{len(hits)} found" if hits else "Nothing found. Try other or fewer words.")
        for hit in hits:
            self.draw_hit(hit)

    def draw_hit(self, hit: Hit) -> None:
        """Draw one conversation that was found, with the words around the hit."""
        key = f"{self.list.key}.hit.{hit.conversation_id}"
        with st.container(key=f"{self.list.key}.hit_box.{hit.conversation_id}", gap="xxsmall"):
            st.button(plain(hit.name), key=key, type="tertiary", wrap=False, on_click=self.open, args=(hit,))
            if hit.message_id:
                st.caption(plain(hit.snippet).replace(MARK_BEGIN, "**").replace(MARK_END, "**"))

    def open(self, hit: Hit) -> None:
        """Open the conversation at the hit, and show the list again."""
        st.session_state[self.key] = ""
        self.list.actions.load(hit.conversation_id, hit.message_id)
