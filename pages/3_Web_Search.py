"""Stage 3: it searches your question on the internet before it answers."""

from view.stages.web_search import WebSearchView

WebSearchView().render()
