"""Stage 7: assistants, each made for one thing."""

from view.stages.assistants.page import AssistantsView

AssistantsView().render()
