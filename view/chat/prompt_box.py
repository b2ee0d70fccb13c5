"""The box for the next question, and the files that wait to go with it."""

import streamlit as st

from view.chat.actions import ChatActions
from view.chat.page_parts import page_parts
from view.shell.session import ChatState


class PromptBox:
    """The box at the foot of one page; a stage that reads files says how large they may be, and of which kinds."""

    takes_speech = False
    placeholder = "Ask anything"
    file_types: tuple[str, ...] = ()  # their endings; none for all

    def __init__(self, asker: ChatActions, state: ChatState, max_upload_mb: int = 0) -> None:
        self.asker = asker
        self.state = state
        self.max_upload_mb = max_upload_mb
        # With files it is another box: under one key, what is sent at the moment of the change would be lost.
        self.key = f"bna.{asker.stage.slug}.prompt{'.files' if max_upload_mb else ''}"

    def draw(self, is_disabled: bool) -> None:
        """Draw the box; while the answer comes, its button stops it."""
        if self.state.waiting:
            self.draw_waiting()
        st.chat_input(
            self.placeholder,
            key=self.key,
            accept_file="multiple" if self.max_upload_mb else False,
            file_type=self.file_types or None,
            accept_audio=self.takes_speech,
            max_upload_size=self.max_upload_mb or None,
            submit_mode="stop",
            disabled=is_disabled,
            on_submit=self.asker.submit,
            args=(self.key,),
        )

    def draw_waiting(self) -> None:
        """Draw the files that go with the next question: those of a folder, or of one that could not be asked."""
        st.caption("These files will be sent with your next message:")
        page_parts().draw_attachments(self.state.waiting)
        st.button("Remove them", key=f"{self.key}.drop", icon=":material/close:", on_click=self.drop)

    def drop(self) -> None:
        """Forget the files that wait."""
        self.state.attachments = [file for file in self.state.attachments if file in self.state.drafted]
