"""Models that run on this machine: a chat model's server, speech to text, text to speech. Read `server.py` first."""
