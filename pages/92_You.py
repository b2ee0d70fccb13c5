"""You: what you are called, how you read times, what is connected, your keys, everything as a file, and its end."""

from view.pages import draw_page
from view.people.page import YouView

draw_page(YouView)
