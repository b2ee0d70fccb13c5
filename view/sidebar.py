"""The sidebar: the way to other stages, and saved conversations.

Buttons act in callbacks, which run before the page is drawn, so one click is one drawing. What would lose something
asks first. Names are shown as plain text, whatever is in them.
"""

import streamlit as st

from controller.stages import STAGES
from model.conversation import Conversation
from model.errors import ConversationExists
from model.store import ConversationStore
from utils.markdown import plain
from view.errors import kept_errors
from view.services import Services
from view.state import ChatState

MORE = 20


def draw_navigation() -> None:
    """Draw the way home, and to the stages."""
    st.page_link("Home.py", label="**bnaGPT**", icon=":material/home:")
    with st.expander("Stages", icon=":material/stairs:"):
        for stage in STAGES:
            st.page_link(stage.page, label=stage.title, icon=stage.icon)


class SavedConversations:
    """New, Save, Load and Delete for one page."""

    def __init__(self, services: Services, state: ChatState, slug: str) -> None:
        self.services = services
        self.state = state
        self.key = f"bna.{slug}"

    def draw(self) -> None:
        """Draw the buttons and the list."""
        st.button(
            "New conversation",
            key=f"{self.key}.new",
            icon=":material/edit_square:",
            width="stretch",
            on_click=self.state.show,
            args=(Conversation(),),
        )
        st.button(
            "Save",
            key=f"{self.key}.save",
            icon=":material/save:",
            width="stretch",
            disabled=not self.state.conversation.messages,
            on_click=self.toggle_box,
        )
        if self.state.is_saving:
            self.draw_box()
        st.subheader("Saved Conversations", anchor=False)
        self.draw_list()

    def draw_box(self) -> None:
        """Draw the box that asks for a name, and for a yes where the name is taken."""
        key = f"{self.key}.name"
        with st.form(f"{self.key}.box"):
            st.text_input("Enter a name to save the conversation:", self.state.conversation.name or "", key=key)
            st.form_submit_button("Confirm Save", type="primary", on_click=lambda: self.save(st.session_state[key]))
        if self.state.taken_name:
            st.warning(f"“{plain(self.state.taken_name)}” is taken. Overwrite it?")
            answers = st.container(horizontal=True)
            overwrite = (self.state.taken_name, True)
            answers.button("Overwrite", key=f"{self.key}.overwrite", type="primary", on_click=self.save, args=overwrite)
            answers.button("Cancel", key=f"{self.key}.cancel", on_click=self.toggle_box)

    def draw_list(self) -> None:
        """Draw the newest saved conversations, then those that were never saved."""
        entries = self.services.store.entries()
        for listed in entries[: self.state.listed_count]:
            self.draw_entry(self.services.store, listed.name, listed.name, listed.id)
        if len(entries) > self.state.listed_count:
            label = f"Show more ({len(entries) - self.state.listed_count:,})"
            st.button(label, key=f"{self.key}.more", type="tertiary", on_click=self.list_more)
        if not entries:
            st.caption("None yet. Save keeps a conversation here.")
        drafts = [draft.name for draft in self.services.drafts.entries() if draft.name != self.state.conversation.id]
        if drafts:
            st.subheader("Not saved", anchor=False, help="Load one to go on with it, or to save it.")
        for conversation_id in drafts[: self.state.listed_count]:
            self.draw_entry(self.services.drafts, conversation_id, self.draft_title(conversation_id), conversation_id)

    def draw_entry(self, store: ConversationStore, name: str, title: str, conversation_id: str) -> None:
        """Draw one conversation: its name, and in a popover what can be done."""
        key = f"{self.key}.%s.{conversation_id}"
        icon = ":material/chat:" if conversation_id == self.state.conversation.id else None
        popover_key = f"{key % 'entry'}.{self.state.popover_round}"
        with st.popover(plain(title), key=popover_key, icon=icon, width="stretch", wrap=False):
            st.markdown(plain(title))
            load, ask = (store, name), (conversation_id,)
            st.button("Load", key=key % "load", icon=":material/folder_open:", on_click=self.load, args=load)
            st.button("Delete", key=key % "delete", icon=":material/delete:", on_click=self.ask_deletion, args=ask)
            if self.state.deleting_id == conversation_id:
                st.markdown("Delete it for good?")
                delete = (store, name, conversation_id)
                st.button("Yes, delete", key=key % "yes", type="primary", on_click=self.delete, args=delete)
                st.button("Keep it", key=key % "no", on_click=self.ask_deletion, args=("",))

    def draft_title(self, conversation_id: str) -> str:
        """Return the first words of a conversation without a name."""
        return self.services.drafts.load(conversation_id).messages[0].content[:60]

    def toggle_box(self) -> None:
        """Open the box that asks for a name, or close it."""
        self.state.is_saving, self.state.taken_name = not self.state.is_saving, ""

    def list_more(self) -> None:
        """List more saved conversations."""
        self.state.listed_count += MORE

    def save(self, name: str, overwrite: bool = False) -> None:
        """Save the open conversation; a taken name waits for a yes."""
        with kept_errors(self.state):
            try:
                self.services.journal.keep(name, self.state.conversation, overwrite)
            except ConversationExists:
                self.state.taken_name = name
                return
            self.state.is_saving, self.state.taken_name = False, ""
            self.state.put_in_url()  # saved under a second name it is another conversation
            st.toast(f"Saved as “{plain(self.state.conversation.name or name)}”.", icon=":material/check:")

    def load(self, store: ConversationStore, name: str) -> None:
        """Show a conversation."""
        with kept_errors(self.state):
            found = store.load(name)
            turn = self.services.turns.of(found.id)
            self.state.show(turn.conversation if turn else found)

    def ask_deletion(self, conversation_id: str) -> None:
        """Wait for a yes before a deletion; an empty id takes the question back."""
        self.state.deleting_id = conversation_id

    def delete(self, store: ConversationStore, name: str, conversation_id: str) -> None:
        """Delete a conversation for good, and leave it if it is open."""
        with kept_errors(self.state):
            self.services.turns.end(conversation_id)
            store.delete(name)
            self.state.deleting_id = ""
            if conversation_id == self.state.conversation.id:
                self.state.show(Conversation())
