"""Stage 6: the agent runs code that it wrote."""

from view.pages import draw_page
from view.stages.run_code.page import RunCodeView

draw_page(RunCodeView)
