"""Usage: tokens and costs of all conversations, by day and model."""

from view.history.usage_page import UsageView

UsageView().render()
