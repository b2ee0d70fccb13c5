"""What the app does; it knows no screen."""
