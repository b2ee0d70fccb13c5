"""The account of one person: their profile and keys, everything of theirs as one file, and its end.

It is the door from the page You to all of that. Where nobody signs in, there is one account, without an address.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from controller.chat.turns import Turns
from controller.history.saved_conversations import SavedConversations
from controller.people.belongings import belongings, files_in, remove, size_of
from controller.people.export import export_everything
from controller.people.keys import KnownKey, PersonKeys
from controller.people.profiles import Profiles, ProfileStore
from controller.resources import Resources
from controller.stages import forget_deleted
from model.errors import StoreUnwritable
from model.store.disk_errors import writing

Result = TypeVar("Result")
MOST_KEYS = 50  # of one person


@dataclass(frozen=True)
class Holdings:
    """How much there is of a person; `left` tells, a sentence each, where something of it stays."""

    conversation_count: int
    file_count: int
    size_bytes: int
    key_count: int = 0
    left: tuple[str, ...] = ()


class PersonStore(ProfileStore, Protocol):
    """What keeps a person's conversations, as far as their account is concerned; all raise StoreErrors."""

    def size_bytes(self) -> int:
        """Return about how much all conversations take."""

    def close(self) -> None:
        """Let nothing be read or written here any more."""

    def delete_all(self) -> None:
        """Delete all that is kept of the person."""


class Index(Protocol):
    """What is made of conversations, and has files of its own."""

    def close(self) -> None:
        """Close the files."""


@dataclass(frozen=True)
class Account:
    """One person's account; `person` is the address that they sign in with, "" where nobody does."""

    person: str
    profiles: Profiles
    store: PersonStore
    index: Index
    turns: Turns
    conversations: SavedConversations
    resources: Resources
    person_keys: PersonKeys

    def export(self) -> bytes:
        """Return everything as a ZIP. Raises: StoreError."""
        return export_everything(self.conversations, self.resources, self.profiles.read())

    def keys(self) -> list[KnownKey]:
        return self.person_keys.of(self.person) if self.person else []

    def make_key(self) -> str:
        """Return a new key, which nothing tells again. Raises: StoreUnwritable."""
        if len(self.keys()) >= MOST_KEYS:
            raise StoreUnwritable(f"There are {MOST_KEYS} keys already.", "Revoke one that is no longer needed.")
        return self._with_keys(lambda: self.person_keys.make(self.person))

    def revoke_key(self, digest: str) -> None:
        """Let a key open nothing any more. Raises: StoreUnwritable."""
        self._with_keys(lambda: self.person_keys.revoke(self.person, digest))

    def holdings(self) -> Holdings:
        """Return how much there is. Raises: StoreError."""
        paths = belongings(self.resources, is_alone=not self.person)
        in_database = self.store.size_bytes() if self.resources.settings.database_url else 0
        return Holdings(
            len(self.conversations.list_conversations()),
            len(self.resources.attachments.digests()) + self._assistant_count(),
            sum(map(size_of, files_in(paths))) + in_database,
            len(self.keys()),
            tuple(self._left()),
        )

    def stop(self) -> None:
        """End all answers, and let none begin. Raises: TurnUnderWay when that takes long; then they may begin again."""
        self.turns.close()

    def delete(self) -> Holdings:
        """Delete everything, once nothing runs, and return how much that was; nothing of this can be used from then on.

        Raises: StoreError when something can't be deleted; then the rest of it is still there.
        """
        found = self.holdings()
        if self.person:
            self._with_keys(lambda: self.person_keys.revoke_all(self.person))
        for end in self.resources.when_deleted:
            end()
        self.close()
        forget_deleted(self.resources, lambda _conversation_id: False)
        for sha256 in self.resources.attachments.digests():
            self.resources.remove_file(sha256)  # who just reads it stops
        self.store.delete_all()
        for path in belongings(self.resources, is_alone=not self.person):
            remove(path)
        return found

    def close(self) -> None:
        """Let nothing be read or written any more."""
        self.resources.close()
        self.store.close()
        self.index.close()

    def _assistant_count(self) -> int:
        settings = self.resources.settings
        return 0 if settings.assistants_dir else len(list(files_in([self.resources.assistants_folder])))

    def _left(self) -> list[str]:
        """Return what is not deleted with the account, a sentence each."""
        settings = self.resources.settings
        left = [f"Your assistants stay in {settings.assistants_dir}."] if settings.assistants_dir else []
        if file := settings.database_file:
            copies = sorted(path.name for path in file.parent.glob(f"{file.name}.before-*"))
            left += [f"{name}, a copy of the whole database, stays. Delete it, too." for name in copies]
        return [*left, *filter(None, (told() for told in self.resources.left_elsewhere))]

    def _with_keys(self, work: Callable[[], Result]) -> Result:
        """Do something with the file of keys, whose errors are told as all others."""
        try:
            with writing(self.person_keys.file):
                return work()
        except ValueError as error:
            raise StoreUnwritable(f"{self.person_keys.file.name} holds no keys.", "Look at it.") from error
