"""Tools that know nothing of bnaGPT."""
