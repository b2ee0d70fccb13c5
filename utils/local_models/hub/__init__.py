"""Files of models on Hugging Face: which there are, and their bytes. Read `repository.py` first, then `transfer.py`."""
