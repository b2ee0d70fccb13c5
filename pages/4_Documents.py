"""Stage 4: it reads your documents, with your question in mind, before it answers.

Read next: `controller/documents.py`.
"""

from view.documents import DocumentsView

DocumentsView().render()
