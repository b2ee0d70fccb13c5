"""Code of strangers, run where it can harm nothing. Read `sandbox.py` first."""
