"""`python -m view.terminal.key ann@example.org`: make a key with which a program asks for a person over HTTP.

It is shown once; only its hash is kept. `--revoke` lets none of the person's keys open anything any more.
"""

from typing import Annotated

import typer

from controller.people.identity import person_keys
from controller.people.tokens import is_address
from settings import Settings


def main(
    email: Annotated[str, typer.Argument(help="The address with which the person signs in.")],
    revoke: Annotated[bool, typer.Option("--revoke", help="Let the person's keys open nothing any more.")] = False,
) -> None:
    """Make a key for the HTTP API, or take back all keys of a person."""
    settings = Settings.load()
    if not is_address(email):
        typer.echo(f"“{email}” is no address. Give it as EMAIL=ann@example.org.", err=True)
        raise typer.Exit(2)
    if not settings.sign_in.kind:
        typer.echo("Keys belong to people where SIGN_IN is set. Without it, put a key into API_KEYS in .env.", err=True)
        raise typer.Exit(2)
    keys = person_keys(settings)
    try:
        if revoke:
            typer.echo(f"{keys.revoke_all(email)} revoked.")
        else:
            typer.echo(keys.make(email))
    except (OSError, ValueError) as error:
        typer.echo(f"The keys could not be written to {keys.file.name}: {error}", err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    typer.run(main)
