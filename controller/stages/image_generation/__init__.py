"""Stage 8, Image Generation. Read `controller.py` first, then `image_tools.py` and `client.py`."""
