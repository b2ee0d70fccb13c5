"""Stage 6: the agent runs code that it wrote. Read next: view/run_code.py."""

from view.run_code import RunCodeView

RunCodeView().render()
