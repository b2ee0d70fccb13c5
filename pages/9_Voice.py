"""Stage 9: it understands what you say and answers aloud."""

from view.pages import draw_page
from view.stages.voice.page import VoiceView

draw_page(VoiceView)
