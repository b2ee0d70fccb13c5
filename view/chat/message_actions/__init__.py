"""What can be done with a message: icons under it, and a menu with all of it. Read `message_menu.py` first."""
