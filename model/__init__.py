"""What the app knows: plain data, and the store that keeps it."""
