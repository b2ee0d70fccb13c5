"""Stage 9 on the screen: a microphone in the prompt box, recordings that play, and answers that are read aloud."""

from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from model.chat.message import STOPPED, Message
from view.chat.page import ChatView
from view.chat.streaming import StepDrawers
from view.stages.chatbot_with_memory import ChatbotWithMemoryView
from view.stages.voice.actions import VoiceAsker
from view.stages.voice.player import draw_bar, draw_later_sounds, play
from view.stages.voice.widgets import VoiceBox, draw_draft, draw_hearing, draw_voice_settings


class VoiceView(ChatbotWithMemoryView):
    """A conversation by voice."""

    slug = "voice"
    max_upload_mb = 200
    asker_class = VoiceAsker

    asker: VoiceAsker

    def __init__(self, page: ChatView | None = None) -> None:
        super().__init__(page)
        self.voice = self.asker.voice

    def open_from_url(self) -> None:
        """Open the conversation, and ask in it what has been heard meanwhile."""
        super().open_from_url()
        self.asker.take_heard()

    def draw_sidebar(self) -> None:
        """Draw how it hears and speaks, below the rest."""
        super().draw_sidebar()
        self.draw_voice()

    def draw_voice(self) -> None:
        """Draw how it hears and speaks; both are loaded meanwhile, where answers are read aloud."""
        if self.voice.is_aloud and not self.voice.is_warm:
            self.voice.is_warm = True
            self.asker.controller().warm()
        draw_voice_settings(self.voice, self.asker.controller(), self.services.providers)

    def draw_content(self, message: Message) -> None:
        """Draw a message, and under an answer what reads it aloud."""
        super().draw_content(message)
        self.draw_read(message)

    def draw_read(self, message: Message) -> None:
        """Draw the button that reads an answer aloud."""
        if message.role == "assistant" and message.content:
            key, icon = f"bna.voice.read.{message.id}", ":material/volume_up:"
            st.button("Read aloud", key=key, type="tertiary", icon=icon, on_click=self.asker.read, args=(message,))

    def draw_input(self, is_disabled: bool) -> None:
        """Draw what is heard and spoken, and the box, closed while a recording is being heard."""
        self.draw_listening()
        VoiceBox(self.asker, self.state, self.max_upload_mb).draw(is_disabled or self.voice.hearing is not None)

    def draw_listening(self) -> None:
        """Draw what is being heard, to be checked, and spoken."""
        if self.voice.hearing:
            draw_hearing(self.voice.hearing)
        elif self.voice.draft:
            draw_draft(self.asker)
        self.end_speech()
        draw_bar(self.voice.silenced, self.voice.hush)
        is_over = self.voice.is_silent()
        self.draw_sounds_in(st.container(key="bna-voice-sounds", gap=None))
        if not is_over and not self.services.turns.of(self.state.conversation.id):
            draw_later_sounds(self.voice.is_silent, self.draw_sounds_in)

    def end_speech(self) -> None:
        """Let Stop end the voice too, and tell what went wrong with it."""
        speech, messages = self.voice.speech, self.state.conversation.messages
        if speech and messages and messages[-1].status == STOPPED:
            self.voice.hush()
        if speech and speech.error and not self.services.turns.of(self.state.conversation.id):  # so it stays
            self.state.error = self.state.error or speech.error
            self.voice.hush()

    def drawers(self) -> StepDrawers:
        """Let sentences be played while the answer grows."""
        return replace(super().drawers(), beside=self.draw_sounds)

    def draw_sounds_in(self, box: DeltaGenerator) -> None:
        """Hand over new sentences, from now on in this box."""
        self.sounds = box
        self.draw_sounds()

    def draw_sounds(self) -> None:
        """Hand the sentences that are new to the browser."""
        speech = self.voice.speech
        while speech and self.voice.played_count < len(speech.clips):
            with self.sounds:
                play(speech.id, self.voice.played_count, speech.clips[self.voice.played_count])
            self.voice.played_count += 1
