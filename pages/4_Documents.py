"""Stage 4: it reads your documents, with your question in mind, before it answers."""

from view.pages import draw_page
from view.stages.documents import DocumentsView

draw_page(DocumentsView)
