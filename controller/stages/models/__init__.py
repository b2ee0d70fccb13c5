"""Models that are fetched to this machine, from Hugging Face and by Ollama. Read `library.py` first."""
