"""The end of it all: how much there is, a typed yes, and how much was deleted."""

import streamlit as st

from controller.people.account import Holdings
from utils.text.markdown import plain
from utils.text.words import counted
from view.shell.services import Services, the_app

KEY = "bna.you.delete"
WORDS = "delete everything"  # to be typed where nobody signs in


def draw_deletion(services: Services) -> None:
    """Draw how much there is, the field for the yes, and the button that needs it. Raises: BnaError."""
    st.header("Delete everything", anchor=False)
    account = services.account
    found = account.holdings()
    st.markdown(f"Now there are {holdings_text(found)}.")
    st.markdown(
        "All of it goes for good: conversations, attached files, pictures, assistants, usage, keys and your profile. "
        "Answers that are being written end. There is no undo. Settings, and what belongs to other people, stay."
    )
    for sentence in found.left:
        st.warning(plain(sentence), icon=":material/info:")
    wanted = account.person or WORDS
    typed = st.text_input(f"Type “{plain(wanted)}” to confirm", key=f"{KEY}.{services.era}.typed", autocomplete="off")
    is_meant = typed.strip().casefold() == wanted.casefold()
    if st.button("Delete everything", key=f"{KEY}.yes", icon=":material/delete_forever:", disabled=not is_meant):
        with st.spinner("Deleting …"):
            deleted = the_app().delete_all_of(account.person)
        st.session_state.clear()  # what it remembers is deleted, too
        st.session_state[f"{KEY}.done"] = deleted
        st.query_params.clear()
        st.rerun()


def draw_deleted() -> None:
    """Draw, once, how much was deleted."""
    if deleted := st.session_state.pop(f"{KEY}.done", None):
        st.success(f"Deleted: {holdings_text(deleted)}.", icon=":material/check:")


def holdings_text(found: Holdings) -> str:
    """Return how much there is, in words."""
    parts = [counted(found.conversation_count, "conversation"), counted(found.file_count, "file")]
    parts += [counted(found.key_count, "API key")] if found.key_count else []
    return f"{', '.join(parts)}, {found.size_bytes / 1e6:,.1f} MB in all"
