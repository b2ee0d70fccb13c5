"""`python -m view.terminal.move FROM TO [--force] [--people=ADDRESSES]`: bring what is saved from one place to another.

`--database` brings the tables of the database that DATABASE_URL names up to date, and moves nothing. `make move` and
`make database` do these.
"""

import sys
from pathlib import Path

from controller.history.moving import Place, move
from controller.people.identity import people_at, person_keys, settings_of
from controller.services import OWNER
from model.errors import BnaError, ConversationNotFound, StoreUnreadable
from settings import Settings
from view.app import open_store

USAGE = "make move FROM=conversations.json TO=sqlite:///conversations.db (or postgresql://name:password@host/database)"
PEOPLE = "--people="


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
    """Move what the first argument names to the second, for everybody who has something there."""
    names = [argument for argument in arguments if argument and not argument.startswith("--")]
    if len(names) != 2:
        raise ConversationNotFound("A move needs two places.", USAGE)
    source, target = (settings_at(name) for name in names)
    file = source.database_file or source.conversations_file
    if (not source.database_url or source.database_file) and not (file.is_file() or source.beside("people").is_dir()):
        raise ConversationNotFound(f"There is no {file}.", USAGE)
    named = ",".join(argument.removeprefix(PEOPLE) for argument in arguments if argument.startswith(PEOPLE))
    people = people_at(source, open_store(source).people(), named)
    moves = [(place_of(source, person), place_of(target, person)) for person in (OWNER, *people)]
    count = move(moves, overwrite="--force" in arguments)
    bring_keys(source, target)
    told = f"{count:,} conversation{'s' * (count != 1)} moved"
    if people:
        told += f", also those of {len(people):,} who sign in"
    return f"{told}. What was there before is still there."


def bring_keys(source: Settings, target: Settings) -> None:
    """Let the keys of programs open the same at the other place. Raises: StoreUnreadable."""
    try:
        person_keys(target).bring(person_keys(source))
    except (OSError, ValueError) as error:
        raise StoreUnreadable(
            f"All is moved but the keys of programs: {error}.", "Copy keys.json by hand, or make new keys."
        ) from error


def settings_at(name: str) -> Settings:
    """Return the settings of the place that a path or an address names."""
    if "://" in name:
        return Settings.load(DATABASE_URL=name)
    return Settings.load(DATABASE_URL="", CONVERSATIONS_FILE=str(Path(name).absolute()))


def place_of(settings: Settings, person: str) -> Place:
    """Return where a person's things are."""
    own = settings_of(person, settings)
    return Place(own, open_store(own, person))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
