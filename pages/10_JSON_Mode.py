"""Stage 10: answers in JSON only, fitting a schema of yours."""

from view.stages.json_mode.page import JsonModeView

JsonModeView().render()
