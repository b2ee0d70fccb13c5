"""Stage 3: it searches your question on the internet before it answers. Read next: `view/web_search.py`."""

from view.web_search import WebSearchView

WebSearchView().render()
