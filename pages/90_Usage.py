"""Usage: tokens and costs of all conversations, by day and model."""

from view.history.usage_page import UsageView
from view.pages import draw_page

draw_page(UsageView)
