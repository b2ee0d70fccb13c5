"""Stage 4: it reads your documents, with your question in mind, before it answers."""

from view.stages.documents import DocumentsView

DocumentsView().render()
