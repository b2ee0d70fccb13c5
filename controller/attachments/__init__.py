"""What becomes of a file that goes with a question.

Read `intake.py` first: it checks a file; `for_model.py` tells what a model gets of it.
"""
