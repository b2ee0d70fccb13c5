"""All assistants as cards, and the ways to a new one.

Names and texts may come from anyone's file: they are shown as plain text.
"""

from functools import partial

import streamlit as st

from controller.stages import abilities
from controller.stages.assistants.library import assistant_store
from controller.stages.assistants.opening import missing
from model.assistants.assistant import Assistant
from model.assistants.file import ENDING, to_text
from utils.files.names import safe_name
from utils.text.markdown import plain
from utils.text.words import counted
from view.shell.downloads import draw_download
from view.shell.services import services
from view.stages.assistants.actions import KEY, AssistantActions, AssistantSession

MAX_UPLOAD_MB = 1
PICTURE_PX = 48
NEW = Assistant("", asks_first=False)  # whoever makes one sees what it has


def draw_assistants(actions: AssistantActions, session: AssistantSession) -> None:
    _draw_ways(actions, session)
    assistants, problems = assistant_store(services().resources).all()
    for assistant in assistants:
        _draw_card(assistant, actions)
    for problem in problems:
        st.caption(f":material/warning: {plain(problem)} The file was left unchanged.")


def draw_face(assistant: Assistant) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if assistant.picture:
            st.image(assistant.picture_data, width=PICTURE_PX)
        emoji = "" if assistant.picture else assistant.emoji
        st.header(f"{emoji} {plain(assistant.name)}", anchor=False, width="content")


def draw_missing(assistant: Assistant) -> None:
    for sentence in missing(assistant, services().providers, services().resources.attachments.digests()):
        st.caption(f":material/warning: {plain(sentence)}")


def abilities_of(assistant: Assistant) -> str:
    titles = [f"{row.icon} {row.title}" for row in abilities() if row.slug in assistant.tools]
    files = [f":material/attach_file: {counted(len(assistant.documents), 'document')}"] if assistant.documents else []
    asks = [":material/front_hand: asks before a tool runs"] if titles and assistant.asks_first else []
    return " · ".join([*titles, *files, *asks])


def _draw_ways(actions: AssistantActions, session: AssistantSession) -> None:
    with st.container(horizontal=True):
        st.button("New", key=f"{KEY}.new_one", icon=":material/add:", on_click=session.edit, args=(NEW,))
        if st.button("Describe one", key=f"{KEY}.describe", icon=":material/magic_button:"):
            session.is_describing = True
        with st.popover("Import", icon=":material/upload:"):
            key = f"{KEY}.import.{session.upload_number}"
            st.file_uploader(
                "An assistant's file",
                type=[ENDING.removeprefix(".")],
                max_upload_size=MAX_UPLOAD_MB,
                key=key,
                on_change=actions.take_in,
                args=(key,),
            )
            st.caption("An imported assistant asks before it runs a tool, until you allow its tools in the form.")


def _draw_card(assistant: Assistant, actions: AssistantActions) -> None:
    key = f"{KEY}.%s.{assistant.id}"
    with st.container(border=True, key=key % "card"):
        draw_face(assistant)
        if assistant.about:
            st.markdown(plain(assistant.about))
        if line := abilities_of(assistant):
            st.caption(line)
        draw_missing(assistant)
        with st.container(horizontal=True):
            st.button("Start", key=key % "pick", type="primary", on_click=actions.pick, args=(assistant,))
            with st.popover("More", key=key % "more", icon=":material/more_horiz:"):
                _draw_more(assistant, actions, key)


def _draw_more(assistant: Assistant, actions: AssistantActions, key: str) -> None:
    """Draw what else can be done with an assistant; one that came with bnaGPT is changed as a copy."""
    label = "Edit a copy" if assistant.is_shipped else "Edit"
    edit = actions.session.edit
    st.button(label, key=key % "edit", icon=":material/edit:", on_click=edit, args=(assistant,))
    duplicate = actions.duplicate
    st.button("Duplicate", key=key % "copy", icon=":material/content_copy:", on_click=duplicate, args=(assistant,))
    draw_download("Export", key % "export", partial(to_text, assistant), f"{safe_name(assistant.name)}{ENDING}")
    if assistant.documents:
        st.caption("The file names its documents, but does not contain them.")
    if not assistant.is_shipped:
        delete = actions.delete
        st.button(
            "Delete permanently", key=key % "delete", icon=":material/delete:", on_click=delete, args=(assistant,)
        )
