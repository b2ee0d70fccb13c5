"""Stage 11: everything on one page."""

from view.stages.all_together.page import AllTogetherView

AllTogetherView().render()
