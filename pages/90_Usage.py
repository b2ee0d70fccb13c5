"""Usage: tokens and costs of all conversations, by day and model. Read next: view/usage.py."""

from view.usage import UsageView

UsageView().render()
