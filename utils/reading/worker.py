"""The process that reads one file: `python -m utils.reading.worker PATH NAME [FOLDER]`, a line of JSON for each block.

With a folder, it takes the pictures out of the file instead. A file may be made to hang or swell up: memory is limited
here, and `utils/reading/isolated.py` ends this process.
"""

import json
import logging
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from utils.files.unreadable import Unreadable
from utils.reading import pictures, text, web_pages
from utils.reading.block import Drawn, Fault, Notice, Progress, Read
from utils.reading.kinds import is_damaged, kind_of, mislabelled
from utils.reading.office import sheets, slides, word
from utils.reading.pdf import pages

MEMORY_BYTES = 3 << 30
# Of processor time, from one sign of progress to the next: on a busy machine a minute may be little of that.
HANG_CPU_S = 60
_DAMAGED = ("is damaged", "Open it in its own program, save it again, and attach that.")
READERS: dict[str, Callable[[Path], Iterator[Read]]] = {
    "pdf": pages.read_pdf,
    "docx": word.read_docx,
    "pptx": slides.read_pptx,
    "xlsx": sheets.read_xlsx,
    "picture": pictures.recognise_words,
    "html": web_pages.read_html,
    "table": text.read_table,
    "markdown": text.read_markdown,
    "text": text.read_text,
}


def main() -> None:
    """Read the file that the command line names."""
    path, name, *folders = sys.argv[1:]
    limit_memory()
    clock = Clock()
    logging.disable()
    out = sys.stdout
    sys.stdout = sys.stderr  # a library's chatter is none of what was read
    for read in read_file(Path(path), name, Path(folders[0]) if folders else None):
        clock.tick()
        print(json.dumps([type(read).__name__, *read]), file=out)
        if isinstance(read, Progress):
            out.flush()


def limit_memory() -> None:
    """Let the system refuse more memory than a document needs, where it can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


class Clock:
    """Lets the system end this process once it has worked for too long without a sign of progress, where it can."""

    def __init__(self) -> None:
        self._told_at_s = -1
        self.tick()

    def tick(self) -> None:
        """Take note of progress."""
        if (now_s := int(time.process_time())) > self._told_at_s:
            self._told_at_s = now_s
            limit_processor_time(now_s + HANG_CPU_S)


def limit_processor_time(until_s: int) -> None:
    """Let the system end this process when it has used so much processor time; Windows can't."""
    try:
        import resource
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    if most == resource.RLIM_INFINITY or until_s < most:
        resource.setrlimit(resource.RLIMIT_CPU, (until_s, most))


def read_file(path: Path, name: str, folder: Path | None = None) -> Iterator[Read | Drawn | Fault | tuple[str, str]]:
    """Yield what the file holds, or as the last thing why it can't be read."""
    try:
        kind = kind_of(path, name)
        if sentence := mislabelled(kind, name):
            yield Notice(sentence)
        yield from READERS[kind](path) if folder is None else pictures.taken_out(path, kind, folder)
    except Unreadable as error:
        yield (error.reason, error.way_out)
    except RecursionError:
        yield ("is nested too deeply to be read", "Open it in its own program, save it again, and attach that.")
    except MemoryError:
        yield ("needs too much memory to be read", "Split it into smaller files, and attach those.")
    except Exception as error:  # the libraries raise whatever they like, so the file itself is asked
        is_bad = type(error).__name__ == "PdfiumError" or is_damaged(path)
        yield _DAMAGED if is_bad else Fault("".join(traceback.format_exception(error)))


if __name__ == "__main__":
    main()
