"""Stage 7, Assistants. Read `controller.py` first; `opening.py` puts an assistant into a conversation."""
