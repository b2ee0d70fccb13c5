"""Schemas that answers fit, and batches of inputs. Read `answer_schema.py` first."""
