"""Stage 10: answers in JSON only, fitting a schema of yours."""

from view.pages import draw_page
from view.stages.json_mode.page import JsonModeView

draw_page(JsonModeView)
