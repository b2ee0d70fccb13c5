"""Files of many kinds, made with known words: how many of them a reader keeps is counted by tests and by `make bench`.

Each is made anew, byte for byte the same. Read next: `tests/utils/reading/made/sample.py`.
"""

from tests.utils.reading.made import pdfs, sheets, slides, texts, word
from tests.utils.reading.made.sample import Sample

SAMPLES: list[Sample] = [*word.SAMPLES, *slides.SAMPLES, *sheets.SAMPLES, *texts.SAMPLES, *pdfs.SAMPLES]
