"""Stage 7: assistants, each made for one thing."""

from view.pages import draw_page
from view.stages.assistants.page import AssistantsView

draw_page(AssistantsView)
