"""Import and export: what was said elsewhere comes in, what was said here goes along."""

from view.history.import_export_page import TakeAlongView
from view.pages import draw_page

draw_page(TakeAlongView)
