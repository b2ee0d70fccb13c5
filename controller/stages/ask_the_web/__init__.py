"""Ask the web: Perplexity searches and answers with sources. Read `controller.py` first."""
