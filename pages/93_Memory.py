"""Memory: the facts that are kept about you, each changed and forgotten with a click."""

from view.pages import draw_page
from view.stages.log.memory_page import MemoryView

draw_page(MemoryView)
