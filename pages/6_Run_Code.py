"""Stage 6: the agent runs code that it wrote."""

from view.stages.run_code.page import RunCodeView

RunCodeView().render()
