"""A profile: what a person is called here, and how they write times and dates; all of it may be empty.

It is kept as JSON beside a person's conversations. Whatever stands there can be read: what is no profile is an empty
one, and keys that nobody knows stay.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from model.errors import InputError
from utils.text.characters import one_line

LONGEST = 100  # characters of a name, a time zone or a language
_OWN = ("name", "time_zone", "language")


@dataclass(frozen=True)
class Profile:
    """What one person has chosen; `time_zone` is a name of IANA's, `language` a tag such as de-CH (BCP 47)."""

    name: str = ""
    time_zone: str = ""
    language: str = ""
    others: Mapping[str, Any] = field(default_factory=dict)  # what another bnaGPT has written

    @property
    def zone(self) -> ZoneInfo | None:
        """Return the chosen time zone; None where none is, or one that is not known here."""
        return zone_named(self.time_zone)

    def to_json(self) -> str:
        return json.dumps(dict(self.others) | {key: getattr(self, key) for key in _OWN})


def profile_of(text: str) -> Profile:
    """Return the profile that a text holds. Raises: ValueError where it holds something else."""
    try:
        told = json.loads(text) if text else {}
    except RecursionError as error:
        raise ValueError("It is nested too deeply.") from error
    if not isinstance(told, dict):
        raise ValueError("It holds no profile.")
    own = {key: short_line(told.pop(key, "")) for key in _OWN}
    return Profile(**own, others=told)


def short_line(value: object) -> str:
    """Return a text on one line that is not longer than it may be; "" for anything else."""
    return one_line(value[: 4 * LONGEST])[:LONGEST].strip() if isinstance(value, str) else ""


def checked_profile(profile: Profile) -> Profile:
    """Return a profile as it may be kept. Raises: InputError."""
    for key in _OWN:
        if len(getattr(profile, key)) > LONGEST:
            raise InputError(f"The {key.replace('_', ' ')} is longer than {LONGEST} characters.", "Make it shorter.")
    name, zone, language = map(short_line, (profile.name, profile.time_zone, profile.language))
    profile = Profile(name, zone, language, profile.others)
    if profile.time_zone and not profile.zone:
        raise InputError(f"“{profile.time_zone}” is no time zone that is known here.", "Choose one from the list.")
    return profile


@lru_cache(100)
def zone_named(name: str) -> ZoneInfo | None:
    """Return a time zone by its name; None where there is none, whatever the name is."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):  # a name may lead to a folder, or be too long for a file
        return None
