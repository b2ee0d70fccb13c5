"""Streamlit's own command, with a list of the names and addresses that the process asks for.

python -m tests.watched_start LIST run Home.py
"""

import sys
from pathlib import Path

from streamlit.web.cli import main


def watch(file: Path) -> None:
    """Write each name that is looked up, and each address that is connected to, into a file."""

    def note(event: str, given: tuple[object, ...]) -> None:
        if event in ("socket.getaddrinfo", "socket.connect", "socket.gethostbyname"):
            with file.open("a", encoding="utf-8") as lines:
                lines.write(f"{given[1] if event == 'socket.connect' else given[0]}\n")

    sys.addaudithook(note)


if __name__ == "__main__":
    watch(Path(sys.argv.pop(1)))
    main(prog_name="streamlit")
