"""Google: files of the Log in Drive and its calendar, connected and disconnected."""

from view.pages import draw_page
from view.stages.log.google_page import GoogleView

draw_page(GoogleView)
