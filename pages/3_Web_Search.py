"""Stage 3: it searches your question on the internet before it answers."""

from view.pages import draw_page
from view.stages.web_search import WebSearchView

draw_page(WebSearchView)
