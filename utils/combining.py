"""Characters that stand on or beside the one before them, in runs that a person could have written.

Thousands on one letter take a browser, or what breaks lines for a PDF, minutes. Source of the idea: UAX 15, section 13,
"Stream-Safe Text Format", whose limit of 30 is meant for storage.
"""

import regex as re  # the standard library's knows no categories

MOST_IN_A_ROW = 8  # Hebrew with all its signs has 5, Tibetan 6, the flag of Wales 6
_RUNS = re.compile(
    rf"([\p{{M}}\p{{Default_Ignorable_Code_Point}}]{{{MOST_IN_A_ROW}}})[\p{{M}}\p{{Default_Ignorable_Code_Point}}]+"
)


def capped(text: str) -> str:
    """Return a text in which no character carries more marks, or unseen characters, than one can."""
    return text if text.isascii() else _RUNS.sub(r"\1", text, concurrent=False)
