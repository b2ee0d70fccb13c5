"""Pictures that were made for conversations. Read `picture.py` first."""
