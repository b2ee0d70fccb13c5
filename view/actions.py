"""What can be done about a message: the buttons under an answer that is not whole, and the menu that each message has.

Read next: `controller/changes.py`.
"""

from collections.abc import Callable

import streamlit as st

from controller.changes import Changes
from model.conversation import Conversation
from model.errors import BnaError
from model.forks import all_versions
from model.message import COMPLETE, Message
from view.asking import Asker
from view.browser import Wishes
from view.dates import moment
from view.errors import kept_errors
from view.services import services

COPY, EDIT, AGAIN, FORK = "Copy", "Edit", "Answer again", "New conversation from here"
GOOD, BAD, SAW = "Good answer", "Bad answer", "What the model saw"
DELETE, DELETE_BRANCH = "Delete message", "Delete from here on"
ICONS = {
    COPY: "content_copy",
    EDIT: "edit",
    AGAIN: "refresh",
    FORK: "fork_right",
    GOOD: "thumb_up",
    BAD: "thumb_down",
    SAW: "visibility",
    DELETE: "delete",
    DELETE_BRANCH: "delete_sweep",
}
OPTIONS = {
    "user": (COPY, EDIT, FORK, DELETE, DELETE_BRANCH),
    "assistant": (COPY, AGAIN, GOOD, BAD, SAW, FORK, DELETE, DELETE_BRANCH),
}


class MessageActions:
    """What a person can do with the messages of one page."""

    def __init__(self, asker: Asker, changes: Changes) -> None:
        self.asker = asker
        self.state = asker.state
        self.changes = changes
        self.key = f"bna.{asker.stage.slug}"
        self.versions = all_versions(asker.state.conversation)
        self.actions: dict[str, Callable[[Message], None]] = {
            COPY: self.copy,
            EDIT: self.toggle_editor,
            AGAIN: asker.regenerate,
            FORK: self.fork,
            GOOD: lambda message: changes.rate(self.state.conversation, message, "up"),
            BAD: lambda message: changes.rate(self.state.conversation, message, "down"),
            SAW: self.show_what_it_saw,
            DELETE: lambda message: self.delete(message, changes.delete_message),
            DELETE_BRANCH: lambda message: self.delete(message, changes.delete_branch),
        }

    def draw(self, message: Message) -> None:
        """Draw what can be done with a message."""
        is_last = message is self.state.conversation.messages[-1]
        if self.state.editing_id == message.id:
            self.draw_editor(message)
        with st.container(horizontal=True, key=f"{self.key}.row.{message.id}"):
            self.draw_versions(message)
            self.draw_menu(message)
        if is_last and message.role == "assistant" and message.status != COMPLETE:
            self.draw_way_out(message)

    def draw_menu(self, message: Message) -> None:
        """Draw the menu; its label is when the message was written."""
        st.menu_button(
            moment(message.created_at) or "Options",
            OPTIONS.get(message.role, (COPY, DELETE)),
            key=f"{self.key}.menu.{message.id}",
            type="tertiary",
            icon={"up": ":material/thumb_up:", "down": ":material/thumb_down:"}.get(message.rating or ""),
            format_func=lambda option: f":material/{ICONS[option]}: {option}",
            on_click=self.act,
            args=(message,),
        )

    def act(self, message: Message) -> None:
        """Do what was picked in a message's menu."""
        with kept_errors(self.state):
            if services().turns.of(self.state.conversation.id):
                raise BnaError("An answer is still being written.", "Wait for it, or press Stop.")
            self.actions[st.session_state[f"{self.key}.menu.{message.id}"]](message)

    def draw_versions(self, message: Message) -> None:
        """Draw the way to the other versions of a message, where there are any."""
        versions = self.versions.get(message.id, [])
        if len(versions) < 2:
            return
        number = [version.id for version in versions].index(message.id)
        for step, icon, name in ((-1, "chevron_left", "Previous version"), (1, "chevron_right", "Next version")):
            if step == 1:
                st.caption(f"{number + 1}/{len(versions)}", width="content")
            target = versions[(number + step) % len(versions)]
            key = f"{self.key}.version.{step}.{message.id}"
            st.button(name, key=key, icon=f":material/{icon}:", type="tertiary", on_click=self.show, args=(target,))

    def draw_way_out(self, answer: Message) -> None:
        """Draw what can be done about an answer that is not whole."""
        row = st.container(horizontal=True)
        key = f"{self.key}.%s.{answer.id}"
        if answer.content and self.asker.stage.has_memory:
            go_on, icon = self.asker.go_on, ":material/play_arrow:"
            row.button("Continue", key=key % "continue", icon=icon, on_click=go_on, args=(answer,))
        row.button("Retry", key=key % "retry", icon=":material/refresh:", on_click=self.asker.retry, args=(answer,))
        if question := self.state.conversation.question_of(answer):
            edit = self.toggle_editor
            row.button("Edit", key=key % "edit", icon=":material/edit:", on_click=edit, args=(question,))

    def draw_editor(self, question: Message) -> None:
        """Draw a question in a box where it can be changed."""
        key = f"{self.key}.edited.{question.id}"
        with st.form(f"{self.key}.editor"):
            st.text_area("Your message", question.content, key=key)
            st.form_submit_button("Send", type="primary", on_click=self.send, args=(question, key))

    def toggle_editor(self, question: Message) -> None:
        """Open the editor, or close it."""
        self.state.editing_id = "" if self.state.editing_id == question.id else question.id

    def send(self, question: Message, key: str) -> None:
        """Ask the question as it was changed."""
        if text := st.session_state[key].strip():
            self.state.editing_id = ""
            self.asker.reword(question, text)

    def copy(self, message: Message) -> None:
        """Copy a message as it was written."""
        Wishes.of_session().copy = message.content
        st.toast("Copied.", icon=":material/content_copy:")

    def show(self, version: Message) -> None:
        """Show another version, and what was said on it."""
        with kept_errors(self.state):
            self.changes.show(self.state.conversation, version)

    def fork(self, message: Message) -> None:
        """Go on from a message in a conversation of its own."""
        self.state.show(self.changes.fork(self.state.conversation, message))
        st.toast("A new conversation; the other one stays as it is.", icon=":material/fork_right:")

    def delete(self, message: Message, delete: Callable[..., tuple[Conversation, object]]) -> None:
        """Delete, and keep the way back."""
        rest, self.state.undo = delete(self.state.conversation, message)  # type: ignore[assignment]
        shown_count = self.state.shown_count
        self.state.show(rest)
        self.state.shown_count = shown_count

    def show_what_it_saw(self, answer: Message) -> None:
        """Open the panel that tells what was sent."""
        self.state.saw_id = answer.id
