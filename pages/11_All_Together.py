"""Stage 11: everything on one page. Read next: view/all_together.py."""

from view.all_together import AllTogetherView

AllTogetherView().render()
