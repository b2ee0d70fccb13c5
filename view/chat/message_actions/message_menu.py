"""What can be done with a message: its menu, its other versions, the editor, Retry and Continue."""

from collections.abc import Callable
from zlib import crc32

import streamlit as st

from controller.history.editing import Changes, Undo
from model.chat.branch_changes import all_versions
from model.chat.conversation import Conversation
from model.chat.descriptions import can_go_on
from model.chat.message import COMPLETE, Message
from model.errors import BnaError
from utils.text.markdown import plain
from view.chat.actions import ChatActions
from view.chat.message_actions.another_model import draw_another_model
from view.chat.message_actions.icons import Row, draw_icons, place_of
from view.shell.browser import BrowserCommands
from view.shell.dates import moment
from view.shell.errors import kept_errors
from view.shell.services import services
from view.shell.session import REQUEST, Inside


def invisible_tag(text: str) -> str:
    """Return white space that differs where texts do.

    At the end of a label a browser draws none of it, and a screen reader says none of it.
    """
    return "".join(" \t"[bit == "1"] for bit in f"{crc32(text.encode(errors='replace')):032b}")


COPY, EDIT, REGENERATE, BRANCH = "Copy", "Edit", "Regenerate", "Branch in new chat"
REGENERATE_WITH = "Regenerate with another model"
GOOD, BAD, READ_ALOUD = "Good response", "Bad response", "Read aloud"
SHOW_REQUEST, SEE_INSIDE = "Show request", "See inside"
DELETE, DELETE_REPLIES = "Delete message", "Delete message and replies"
ICONS = {
    COPY: "content_copy",
    EDIT: "edit",
    REGENERATE: "refresh",
    REGENERATE_WITH: "cached",
    BRANCH: "fork_right",
    GOOD: "thumb_up",
    BAD: "thumb_down",
    SHOW_REQUEST: "visibility",
    SEE_INSIDE: "manufacturing",
    DELETE: "delete",
    DELETE_REPLIES: "delete_sweep",
}
OPTIONS = {
    "user": (COPY, EDIT, BRANCH, DELETE, DELETE_REPLIES),
    "assistant": (
        *(COPY, REGENERATE, REGENERATE_WITH, GOOD, BAD, SHOW_REQUEST, SEE_INSIDE, BRANCH),
        *(DELETE, DELETE_REPLIES),
    ),
}
# What stands beside the menu as icons; the browser itself copies and reads aloud.
BESIDE = {"user": (COPY, EDIT), "assistant": (COPY, REGENERATE, READ_ALOUD, GOOD, BAD)}


class MessageMenu:
    """What a person can do with any message of one page."""

    def __init__(self, asker: ChatActions, changes: Changes) -> None:
        self.asker = asker
        self.state = asker.state
        self.changes = changes
        self.key = f"bna.{asker.stage.slug}"
        self.versions = all_versions(asker.state.conversation)
        self.places = {message.id: place for place, message in enumerate(asker.state.conversation.messages)}
        self.actions: dict[str, Callable[[Message], None]] = {
            COPY: self.copy,
            EDIT: self.edit,
            REGENERATE: asker.regenerate,
            REGENERATE_WITH: self.choose_another,
            BRANCH: self.fork,
            GOOD: lambda message: changes.rate(self.state.conversation, message, "up"),
            BAD: lambda message: changes.rate(self.state.conversation, message, "down"),
            SHOW_REQUEST: self.show_request,
            SEE_INSIDE: self.see_inside,
            DELETE: lambda message: self.delete(message, changes.delete_message),
            DELETE_REPLIES: lambda message: self.delete(message, changes.delete_branch),
        }

    def draw(self, message: Message) -> None:
        """Draw the menu of a message, and the way to its other versions where there are any."""
        versions = self.versions.get(message.id)
        if not versions:
            self.draw_menu(message)  # without a row around it: there may be a hundred of these
            return
        with st.container(horizontal=True, key=f"{self.key}.row.{message.id}"):
            self.draw_versions(message, versions)
            self.draw_menu(message)

    def draw_menu(self, message: Message) -> None:
        """Draw the menu, with when the message was written as its label.

        Its key is the message's place: the browser keeps menus when another conversation is opened. A click that comes
        late must not act on what stands there now: the options bear a mark, and Streamlit drops those not in the menu.
        """
        st.menu_button(
            moment(message.created_at) or "Options",
            OPTIONS.get(message.role, (COPY, EDIT, DELETE) if message.summary_of or message.kind else (COPY, DELETE)),
            key=self.key_of(message),
            type="tertiary",
            icon=":material/more_horiz:",
            format_func=lambda option: f":material/{ICONS[option]}: {option}{invisible_tag(message.id)}",
            on_click=self.act,
            args=(message,),
        )

    def act(self, message: Message) -> None:
        if option := st.session_state[self.key_of(message)]:
            with kept_errors(self.state):
                self.check_idle()
                self.actions[option](message)

    def act_beside(self, pressed: Row) -> None:
        """Do what was pressed among the icons; a click that comes late finds its message gone, and does nothing."""
        found = next((m for m in self.state.conversation.messages if m.id == pressed.get("id")), None)
        if found and pressed["do"] in BESIDE.get(found.role, ()):
            with kept_errors(self.state):
                self.check_idle()
                self.actions[pressed["do"]](found)

    def row_beside(self, message: Message) -> Row:
        """Return the icons of a message as the browser draws them."""
        can = [name for name in BESIDE.get(message.role, (COPY,)) if name != READ_ALOUD or not self.asker.speaks]
        place, text = place_of(self.key_of(message)), message.content
        return {"place": place, "id": message.id, "text": text, "can": can, "rating": message.rating or ""}

    def key_of(self, message: Message) -> str:
        return f"{self.key}.menu.{self.places[message.id]}"

    def check_idle(self) -> None:
        """Refuse to change a conversation in which an answer is being written. Raises: BnaError."""
        if services().turns.of(self.state.conversation.id):
            raise BnaError("An answer is still being written.", "Wait for it, or press Stop.")

    def draw_versions(self, message: Message, versions: list[Message]) -> None:
        """Draw the way to the other versions of a message."""
        number = [version.id for version in versions].index(message.id)
        for step, icon, name in ((-1, "chevron_left", "Previous version"), (1, "chevron_right", "Next version")):
            if step == 1:
                st.caption(f"{number + 1}/{len(versions)}{_model_of(message, versions)}", width="content")
            target = versions[(number + step) % len(versions)]
            key = f"{self.key}.version.{step}.{message.id}"
            st.button(name, key=key, icon=f":material/{icon}:", type="tertiary", on_click=self.show, args=(target,))

    def edit(self, message: Message) -> None:
        """Open the editor, or close it."""
        self.state.editing_id = "" if self.state.editing_id == message.id else message.id

    def choose_another(self, answer: Message) -> None:
        """Open the choice of another model, or close it."""
        self.state.answering_anew_id = "" if self.state.answering_anew_id == answer.id else answer.id

    def copy(self, message: Message) -> None:
        BrowserCommands.of_session().copy = message.content
        st.toast("Copied.", icon=":material/content_copy:")

    def show(self, version: Message) -> None:
        with kept_errors(self.state):
            self.check_idle()
            self.changes.show(self.state.conversation, version)

    def fork(self, message: Message) -> None:
        """Go on from a message in a conversation of its own."""
        self.state.show(self.changes.fork(self.state.conversation, message))
        st.toast("This is a copy in a new chat. The original is unchanged.", icon=":material/fork_right:")

    def delete(self, message: Message, delete: Callable[[Conversation, Message], tuple[Conversation, Undo]]) -> None:
        """Delete, and keep the way back."""
        rest, self.state.undo = delete(self.state.conversation, message)
        shown_count = self.state.shown_count
        self.state.show(rest)
        self.state.shown_count = shown_count
        st.toast("Deleted. You can undo this in the sidebar.", icon=":material/undo:")

    def show_request(self, answer: Message) -> None:
        """Open the panel that tells what was sent."""
        self.state.open_dialog(REQUEST, answer.id)

    def see_inside(self, answer: Message) -> None:
        """Open the panel that tells how an answer was made."""
        Inside.of_session().is_open, Inside.of_session().answer_id = True, answer.id


def _model_of(message: Message, versions: list[Message]) -> str:
    """Return which model wrote a version; "" where all are of the same."""
    is_told = message.model_name and len({version.model_name for version in versions}) > 1
    return f" · {plain(message.model_name or '')}" if is_told else ""


def message_actions(asker: ChatActions) -> "MessageActions":
    """Return what draws what can be done with the messages of one page."""
    return MessageActions(asker, services().changes)


class MessageActions:
    """What a person can do with the messages of one page."""

    def __init__(self, asker: ChatActions, changes: Changes) -> None:
        self.asker = asker
        self.state = asker.state
        self.changes = changes
        self.key = f"bna.{asker.stage.slug}"
        self.menu = MessageMenu(asker, changes)
        self.rows: list[Row] = []  # of icons, drawn at last

    def draw_icons(self) -> None:
        """Draw the icons of all messages whose menus were drawn."""
        draw_icons(f"{self.key}.icons", self.rows, self.menu.act_beside)

    def draw(self, message: Message) -> None:
        if self.state.editing_id == message.id:
            self.draw_editor(message)
        self.menu.draw(message)
        if self.state.answering_anew_id == message.id:
            draw_another_model(self.asker, message)
        self.rows.append(self.menu.row_beside(message))
        is_last = message is self.state.conversation.messages[-1]
        if is_last and message.role == "assistant" and can_go_on(message):
            self.draw_way_out(message)

    def draw_way_out(self, answer: Message) -> None:
        """Draw what can be done about an answer that is not whole."""
        row = st.container(horizontal=True)
        key = f"{self.key}.%s.{answer.id}"
        if answer.content and self.asker.stage.has_memory:
            go_on, icon = self.asker.go_on, ":material/play_arrow:"
            row.button("Continue", key=key % "continue", icon=icon, on_click=go_on, args=(answer,))
        if answer.status == COMPLETE:
            return  # another answer, or another question, is in the message's menu
        row.button("Retry", key=key % "retry", icon=":material/refresh:", on_click=self.asker.retry, args=(answer,))
        if question := self.state.conversation.question_of(answer):
            edit = self.menu.edit
            row.button("Edit", key=key % "edit", icon=":material/edit:", on_click=edit, args=(question,))

    def draw_editor(self, message: Message) -> None:
        """Draw a message in a box where it can be changed."""
        key = f"{self.key}.edited.{message.id}"
        with st.form(f"{self.key}.editor"):
            st.text_area("Your message", message.content, key=key)
            buttons = st.container(horizontal=True)
            with buttons:
                st.form_submit_button("Send", type="primary", on_click=self.send, args=(message, key))
                st.form_submit_button("Cancel", on_click=self.close)

    def close(self) -> None:
        self.state.editing_id = ""

    def send(self, message: Message, key: str) -> None:
        """Ask a question as it was changed, or keep a changed summary; what is refused stays in the editor."""
        text = st.session_state[key].strip()
        if not text:
            return
        with kept_errors(self.state):
            self.menu.check_idle()
            if message.role == "user":
                self.asker.reword(message, text)
            else:
                self.changes.edit(self.state.conversation, message, text)
        if self.state.error is None:
            self.close()
