"""Settings: theme, keys, who answers, and what is asked first."""

from view.pages import draw_page
from view.people.settings_page import SettingsView

draw_page(SettingsView)
