"""The profile of one person, read now and then: it may have been changed at another machine."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import tzinfo
from typing import Protocol

from model.errors import StoreError
from model.people.profile import Profile, checked_profile, profile_of

READ_AGAIN_S = 5.0
DAMAGED = "Your profile can't be read, so nothing of it is used. Save puts what is below in its place."


class ProfileStore(Protocol):
    """What keeps a profile; both methods raise a StoreError when they can't do what they say."""

    def profile(self) -> str:
        """Return what was written last; "" where nothing was."""

    def write_profile(self, text: str) -> None:
        """Keep a text in the place of what is there."""


class Profiles:
    """One person's profile; a store that can't be read leaves it as it was."""

    def __init__(self, store: ProfileStore, clock: Callable[[], float] = time.monotonic) -> None:
        self.problem = ""  # with what is kept
        self._store = store
        self._clock = clock
        self._profile = Profile()
        self._read_again_at_s = -float("inf")

    def read(self) -> Profile:
        """Return the profile; every page asks, so it is kept for a few seconds."""
        if self._clock() >= self._read_again_at_s:
            with suppress(StoreError):  # whoever needs what is saved is told
                self._take(self._store.profile())
            self._read_again_at_s = self._clock() + READ_AGAIN_S
        return self._profile

    def keep(self, profile: Profile) -> None:
        """Keep another profile. Raises: InputError, StoreError."""
        profile = checked_profile(replace(profile, others=self.read().others))
        self._store.write_profile(profile.to_json())
        self._profile, self.problem = profile, ""
        self._read_again_at_s = self._clock() + READ_AGAIN_S

    def zone(self) -> tzinfo | None:
        """Return the person's time zone; None for this machine's."""
        return self.read().zone

    def _take(self, text: str) -> None:
        try:
            self._profile, self.problem = profile_of(text), ""
        except ValueError:
            self._profile, self.problem = Profile(), DAMAGED
