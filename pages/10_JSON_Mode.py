"""Stage 10: answers in JSON only, fitting a schema of yours. Read next: view/json_mode.py."""

from view.json_mode import JsonModeView

JsonModeView().render()
