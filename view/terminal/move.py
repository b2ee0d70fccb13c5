"""`python -m view.terminal.move FROM TO`: bring saved conversations from one place to another.

`--database` brings the tables of the database that DATABASE_URL names up to date, and moves nothing. `make move` and
`make database` do these.
"""

import sys
from pathlib import Path

from controller.history.moving import Place, move
from model.errors import BnaError, ConversationNotFound
from settings import Settings
from view.app import open_store

USAGE = "make move FROM=conversations.json TO=sqlite:///conversations.db (or postgresql://name:password@host/database)"


def main(arguments: list[str]) -> int:
    """Do what is asked, tell it in a sentence, and return the exit code."""
    try:
        print(prepare() if arguments == ["--database"] else moved(arguments))
    except BnaError as error:
        print(f"{error.message} {error.hint}".strip(), file=sys.stderr)
        return 1
    return 0


def prepare() -> str:
    """Bring the database that DATABASE_URL names up to date, and tell what was done."""
    settings = Settings.load()
    if not settings.database_url:
        return "DATABASE_URL names no database, so conversations are kept in a file, and there is nothing to do."
    return open_store(settings).prepare() or "The database is up to date."


def moved(arguments: list[str]) -> str:
    """Move what the first argument names to the second."""
    names = [argument for argument in arguments if argument and argument != "--force"]
    if len(names) != 2:
        raise ConversationNotFound("A move needs two places.", USAGE)
    source, target = (place_of(name) for name in names)
    file = source.settings.database_file or source.settings.conversations_file
    if (not source.settings.database_url or source.settings.database_file) and not file.is_file():
        raise ConversationNotFound(f"There is no {file}.", USAGE)
    count = move(source, target, overwrite="--force" in arguments)
    return f"{count:,} conversation{'s' * (count != 1)} moved. What was there before is still there."


def place_of(name: str) -> Place:
    """Return the place that a path or an address names."""
    variable, value = ("DATABASE_URL", name) if "://" in name else ("CONVERSATIONS_FILE", str(Path(name).absolute()))
    settings = Settings.from_env({variable: value})
    return Place(settings, open_store(settings))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
