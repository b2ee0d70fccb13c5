"""Stage 11: everything on one page."""

from view.pages import draw_page
from view.stages.all_together.page import AllTogetherView

draw_page(AllTogetherView)
