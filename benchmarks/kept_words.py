"""How many of the words in a file are kept, for each kind of file, beside markitdown in the same run.

The files are those of `tests/utils/reading/made/`: each holds its words in another place where words may stand.
`python -m benchmarks.kept_words` names the files of which either loses some.
"""

import io
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from itertools import groupby
from pathlib import Path

from benchmarks.table import Figures, Row
from tests.utils.reading.made import SAMPLES
from tests.utils.reading.made.sample import Sample, kept
from utils.reading.block import Block
from utils.reading.worker import read_file

LEAST = 99.5  # percent
Reader = Callable[[Path], str]


def kept_words(folder: Path) -> Iterator[Row]:
    """Yield the share of words that are kept, a row for each kind of file."""
    readers = (ours, markitdown())
    for kind, group in groupby(sorted(SAMPLES, key=lambda sample: sample.kind), lambda sample: sample.kind):
        samples = list(group)
        mine, theirs = ([_share(sample, reader, folder) for sample in samples] for reader in readers)
        files = f"{len(samples)} {kind} files" if len(samples) > 1 else f"1 {kind} file"
        figures = Figures([_mean(mine)], raw=[_mean(theirs)])
        yield Row(f"Documents, words kept of {files}", "%", LEAST, figures, is_least=True)


def ours(path: Path) -> str:
    """Return all that bnaGPT's reader finds in a file."""
    blocks = (part for part in read_file(path, path.name) if isinstance(part, Block))
    return "\n".join(" ".join((block.section, block.heading, block.text)) for block in blocks)


def markitdown() -> Reader:
    """Return what reads with markitdown; a file that it can't read has no words."""
    from markitdown import MarkItDown

    converter = MarkItDown()

    def read(path: Path) -> str:
        try:
            with redirect_stderr(io.StringIO()):
                return str(converter.convert(path).text_content)
        except Exception:  # it has one for each of its libraries
            return ""

    return read


def _share(sample: Sample, reader: Reader, folder: Path) -> float:
    """Return how much of a file's words a reader keeps, in percent."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / sample.name
    path.write_bytes(sample.make())
    count, total = kept(sample, reader(path))
    return 100 * count / total


def _mean(shares: list[float]) -> float:
    """Return the mean, so that a file counts as much as any other, however long it is."""
    return sum(shares) / len(shares)


def main() -> None:
    """Name the files of which a reader loses words."""
    lost: Counter[str] = Counter()
    theirs = markitdown()
    with tempfile.TemporaryDirectory() as folder:
        for sample in SAMPLES:
            shares = [_share(sample, reader, Path(folder)) for reader in (ours, theirs)]
            lost.update(name for name, share in zip(("bnaGPT", "markitdown"), shares, strict=True) if share < LEAST)
            if min(shares) < LEAST:
                print(f"{sample.name:<32} bnaGPT {shares[0]:5.1f} %   markitdown {shares[1]:5.1f} %")
    print(f"{len(SAMPLES)} files; words are lost in {lost['bnaGPT']} by bnaGPT, in {lost['markitdown']} by markitdown.")


if __name__ == "__main__":
    main()
