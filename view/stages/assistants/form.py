"""The form in which an assistant is made and changed; nothing is saved before Save.

What can't be saved is told, and stays in it.
"""

import base64
from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from controller.stages import abilities
from controller.stages.assistants.library import assistant_store
from model.assistants.assistant import MOST_ABOUT, MOST_NAME, MOST_PICTURE_BYTES, Assistant
from model.assistants.store import AssistantStore
from model.errors import BnaError, FileTooLarge
from model.json_mode import answer_schema
from utils.text.markdown import plain
from view.shell.errors import draw_error
from view.shell.services import Services
from view.stages.assistants.actions import KEY, AssistantSession

MAX_DOCUMENT_MB = 50


def draw_form(assistant: Assistant, session: AssistantSession, services: Services) -> None:
    """Draw the form, filled with an assistant, and save it when the person says so."""
    key = f"{KEY}.form.{session.form_number}"
    st.header(f"Edit {plain(assistant.name)}" if assistant.name else "A new assistant", anchor=False)
    with st.form(key):
        values = {**_draw_words(assistant, key), **_draw_abilities(assistant, key)}
        with st.expander("Model, documents and answer format"):
            values |= _draw_model_options(assistant, key, services)
        with st.container(horizontal=True):
            is_saved = st.form_submit_button("Save assistant", type="primary")
            st.form_submit_button("Cancel", on_click=session.edit, args=(None,))
    if is_saved:
        _save(assistant, values, session, services)


def _draw_words(assistant: Assistant, key: str) -> dict[str, Any]:
    left, right = st.columns([4, 1])
    return {
        "name": left.text_input("Name", assistant.name, max_chars=MOST_NAME, key=f"{key}.name"),
        "emoji": right.text_input("Emoji", assistant.emoji, max_chars=12, key=f"{key}.emoji"),
        "about": st.text_input("Description", assistant.about, max_chars=MOST_ABOUT, key=f"{key}.about"),
        "instructions": st.text_area(
            "Instructions",
            assistant.instructions,
            height=220,
            key=f"{key}.instructions",
            placeholder="What it does, how, and in which tone",
        ),
        "starters": st.text_area(
            "Starters",
            "\n".join(assistant.starters),
            key=f"{key}.starters",
            placeholder="Suggested first questions, one per line",
        ),
    }


def _draw_abilities(assistant: Assistant, key: str) -> dict[str, Any]:
    """Draw which tools it has and whether they may run unasked, and return what stands there."""
    titles = {row.slug: row.title for row in abilities()}
    slugs = list(dict.fromkeys([*titles, *assistant.tools]))
    return {
        "tools": st.multiselect(
            "Tools",
            slugs,
            list(assistant.tools),
            format_func=lambda slug: titles.get(slug, f"{slug} (not here)"),
            key=f"{key}.tools",
        ),
        "asks_first": st.toggle("Ask before a tool runs", assistant.asks_first, key=f"{key}.asks_first"),
    }


def _draw_model_options(assistant: Assistant, key: str, services: Services) -> dict[str, Any]:
    names = list(dict.fromkeys(["", *(row.name for row in services.providers.offered()), assistant.provider]))
    left, right = st.columns(2)
    schema = answer_schema.pretty(assistant.answer_schema) if assistant.answer_schema else ""
    return {
        "provider": left.selectbox(
            "Provider",
            names,
            names.index(assistant.provider),
            format_func=lambda name: name or "As in the sidebar",
            key=f"{key}.provider",
        ),
        "model_name": right.text_input(
            "Model", assistant.model_name, key=f"{key}.model", placeholder="The provider's default"
        ),
        "temperature": left.number_input("Temperature", 0.0, 2.0, assistant.temperature, step=0.1, key=f"{key}.heat"),
        "max_tokens": right.number_input(
            "Maximum answer length (tokens)", 1, 10_000_000, assistant.max_tokens, key=f"{key}.longest"
        ),
        "schema_text": st.text_area("JSON Schema for answers (JSON Mode)", schema, key=f"{key}.schema"),
        "kept": st.multiselect(
            "Documents",
            [document.sha256 for document in assistant.documents],
            [document.sha256 for document in assistant.documents],
            format_func={document.sha256: document.name for document in assistant.documents}.__getitem__,
            key=f"{key}.documents",
        ),
        "uploads": st.file_uploader(
            "More documents", accept_multiple_files=True, max_upload_size=MAX_DOCUMENT_MB, key=f"{key}.uploads"
        ),
        "has_picture": bool(assistant.picture) and st.toggle("Keep its picture", value=True, key=f"{key}.keep"),
        "picture": st.file_uploader(
            "A small picture", ["png", "jpg", "jpeg", "gif", "webp"], max_upload_size=1, key=f"{key}.picture"
        ),
    }


def _save(assistant: Assistant, values: dict[str, Any], session: AssistantSession, services: Services) -> None:
    store: AssistantStore = assistant_store(services.resources)
    try:
        changed = _changed(assistant, values)
        uploads: list[UploadedFile] = values["uploads"] or []
        put = services.resources.attachments.put
        new = tuple(put(upload.name, upload.getvalue()) for upload in uploads)
        store.save(replace(changed, documents=tuple(dict.fromkeys([*changed.documents, *new]))))
    except BnaError as error:
        draw_error(error.message, error.hint)
    else:
        session.edit(None)
        st.rerun()


def _changed(assistant: Assistant, values: dict[str, Any]) -> Assistant:
    """Return an assistant with what stands in the form. Raises: InputError."""
    picture: UploadedFile | None = values["picture"]
    if picture and picture.size > MOST_PICTURE_BYTES:
        raise FileTooLarge(f"The picture is larger than {MOST_PICTURE_BYTES // 1000} kB.", "Take a smaller one.")
    drawn = base64.b64encode(picture.getvalue()).decode() if picture else ""
    plain_values = ("name", "emoji", "about", "instructions", "asks_first", "temperature", "max_tokens", "provider")
    return replace(
        assistant,
        **{key: values[key] for key in plain_values},
        model_name=values["model_name"].strip() if values["provider"] else "",
        starters=tuple(line.strip() for line in values["starters"].splitlines() if line.strip()),
        tools=tuple(values["tools"]),
        answer_schema=answer_schema.from_text(values["schema_text"]),
        documents=tuple(document for document in assistant.documents if document.sha256 in values["kept"]),
        picture=drawn or (assistant.picture if values["has_picture"] else ""),
    )
