"""Stage 12: an assistant that lives with you from day to day."""

from view.pages import draw_page
from view.stages.log.page import LogView

draw_page(LogView)
