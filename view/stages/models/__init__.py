"""The page Models: open models that run on this machine, fetched by a click. Read `page.py` first."""
