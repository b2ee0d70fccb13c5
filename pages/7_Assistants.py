"""Stage 7: assistants, each made for one thing. Read next: view/assistants.py."""

from view.assistants import AssistantsView

AssistantsView().render()
