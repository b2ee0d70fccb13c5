"""Files of many kinds as blocks of text with their places, each file read in a process of its own."""
