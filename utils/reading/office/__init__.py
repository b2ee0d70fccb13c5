"""Word, Excel and PowerPoint files, read from their XML. Read `package.py` first, then `word.py`."""
