"""Stage 10, JSON Mode. Read `controller.py` first; `batches.py` answers many inputs."""
