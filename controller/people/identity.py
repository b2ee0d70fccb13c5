"""Which person asks, by what a request brings; each has conversations, files and assistants of their own."""

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cache

from controller.people.keys import PersonKeys
from controller.people.tokens import DiscoveredVerifier, TokenVerifier, cloudflare_verifier, is_allowed
from model.errors import InputError, NotSignedIn
from settings import Settings, SignIn

ACCESS_HEADER = "cf-access-jwt-assertion"


@cache  # the keys of a provider are fetched once for pages and HTTP alike
def verifier_of(sign_in: SignIn) -> TokenVerifier | DiscoveredVerifier:
    if sign_in.kind == "cloudflare":
        return cloudflare_verifier(sign_in.issuer, sign_in.audience)
    return DiscoveredVerifier(sign_in.issuer, sign_in.audience)


def person_of_tokens(sign_in: SignIn, tokens: Sequence[str]) -> str:
    """Return the address of the person whom a request's one token stands for.

    Raises: NotSignedIn, SignInUnreachable.
    """
    if sign_in.kind == "locked" or len(tokens) != 1:
        raise NotSignedIn()
    return let_in(sign_in, verifier_of(sign_in).email(tokens[0]))


def let_in(sign_in: SignIn, email: str) -> str:
    """Return an address that may come in. Raises: NotSignedIn."""
    if not is_allowed(email, sign_in.allowed_emails):
        raise NotSignedIn()
    return email


def person_keys(settings: Settings) -> PersonKeys:
    """Return the keys with which programs ask for people."""
    return PersonKeys(settings.beside("people") / "keys.json")


def folder_name(person: str) -> str:
    """Return what the folder of a person is called."""
    return hashlib.sha256(person.encode()).hexdigest()


def people_at(settings: Settings, in_database: Collection[str], named: str) -> list[str]:
    """Return the addresses of people who have something at a place.

    The name of a folder is the hash of an address, which is looked for among those that are named, allowed to come in,
    or have a key.

    Raises: InputError where somebody has a folder whose address is not among them.
    """
    listed = re.split(r"[,\s]+", named.lower())
    known = {*in_database, *person_keys(settings).people(), *listed, *settings.sign_in.allowed_emails}
    by_folder = {folder_name(address): address for address in known if address}
    folders = {path.name for path in settings.beside("people").glob("*") if path.is_dir()}
    if unknown := folders - by_folder.keys():
        raise InputError(
            f"{len(unknown)} of {len(folders)} people at FROM are not known by their address.",
            "Name them, for folders tell only its hash: PEOPLE=ann@example.org,bob@example.org",
        )
    return sorted({*in_database, *(by_folder[folder] for folder in folders)})


def settings_of(person: str, settings: Settings) -> Settings:
    """Return the settings of one person, which differ in where their things are kept."""
    if not person:  # nobody signs in
        return settings
    folder = settings.beside("people") / folder_name(person)
    files_url = settings.attachments_url and f"{settings.attachments_url}/{folder.name}"
    file = folder / "conversations.json"
    log_folder = settings.log_folder and settings.log_folder / folder.name
    return replace(
        settings,
        conversations_file=file,
        assistants_dir=None,
        attachments_url=files_url,
        log_folder=log_folder,
    )
