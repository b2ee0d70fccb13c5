"""The boxes of the voice page: how far hearing is, what was heard, and how it shall sound."""

from dataclasses import replace

import streamlit as st

from controller.llm.providers import Providers
from controller.stages.voice.hearing import Hearing
from controller.stages.voice.service import SpeechService
from model.providers.speech import HERE, SpeechRow
from utils.text.markdown import plain
from view.chat.prompt_box import PromptBox
from view.stages.voice.actions import DRAFT_KEY, VoiceAsker
from view.stages.voice.session import VoiceState


class VoiceBox(PromptBox):
    """A prompt box that listens."""

    takes_speech = True
    placeholder = "Ask anything, or dictate"
    file_types = ("wav", "mp3", "m4a", "ogg", "opus", "flac", "webm", "mp4", "aac")


@st.fragment(run_every=0.25)
def draw_hearing(hearing: Hearing) -> None:
    """Draw how far a recording has been heard, and what ends that."""
    if hearing.has_ended:
        st.rerun()
    st.progress(hearing.progress, "Transcribing your recording…")
    st.button(
        "Stop transcribing", key="bna.voice.stop_hearing", icon=":material/stop_circle:", on_click=hearing.stop.set
    )


def draw_draft(asker: VoiceAsker) -> None:
    with st.form("bna.voice.draft_form"):
        st.text_area("Transcript", key=DRAFT_KEY)
        with st.container(horizontal=True):
            st.form_submit_button("Send", type="primary", on_click=asker.send_draft)
            st.form_submit_button("Discard", on_click=asker.drop_draft)


def draw_voice_settings(voice: VoiceState, controller: SpeechService, providers: Providers) -> None:
    voice.is_aloud = st.toggle("Read answers aloud", voice.is_aloud, key="bna.voice.is_aloud")
    voice.checks_first = st.toggle(
        "Review the transcript before it is sent", voice.checks_first, key="bna.voice.checks"
    )
    rows = controller.rows()

    def title(row: SpeechRow) -> str:
        return providers.named(row.provider_name).title if row.provider_name else "This machine"

    row = rows[0]
    if len(rows) > 1:
        row = st.selectbox("Speech provider", rows, format_func=title, key="bna.voice.row")
    voices = row.voices or HERE.voices
    name = voices[0]
    if len(voices) > 1:
        name = st.selectbox("Voice", voices, format_func=str.capitalize, key=f"bna.voice.name.{row.provider_name}")
    speed = st.slider("Speed", 0.5, 2.0, voice.choice.speed, 0.1, format="%.1f×", key="bna.voice.speed")
    voice.choice = replace(voice.choice, row=row, voice=name, speed=speed)
    if row == HERE:
        st.caption("Speech is processed on this computer, in English. Nothing leaves it.")
    else:
        st.caption(f"Recordings and answers are sent to {plain(title(row))} for speech.")
