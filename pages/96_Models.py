"""Models: open models that run on this machine, fetched by a click."""

from view.pages import draw_page
from view.stages.models.page import ModelsView

draw_page(ModelsView)
