"""Stage 9: it understands what you say and answers aloud. Read next: view/voice.py."""

from view.voice import VoiceView

VoiceView().render()
