"""Stage 9: it understands what you say and answers aloud."""

from view.stages.voice.page import VoiceView

VoiceView().render()
