"""Which of the conversations that come in are here already.

A conversation is here when one in the store has its id and all its messages. One that has the id but says more comes in
as a copy, so that nothing that is here is touched; its ids follow from what it says, so that it is known the next time.
"""

from model.branches import with_new_ids
from model.conversation import Conversation
from model.imported import derived_id
from model.store import JsonStore


class Known:
    """What is in the store, and what has come in since."""

    def __init__(self, store: JsonStore) -> None:
        self._store = store
        self._stored_ids = {entry.id for entry in store.entries()}
        self._digests: dict[str | None, str] = {}  # of what has come in: one short text each, however long they are

    def take(self, conversation: Conversation) -> Conversation | None:
        """Return the conversation as it can come in, with ids that nothing else has; None when it is here."""
        digest = derived_id(*(message.id for message in conversation.all_messages))
        if self._has(conversation, digest):
            return None
        if conversation.id in self._stored_ids or conversation.id in self._digests:
            messages = with_new_ids(conversation.all_messages, lambda old: derived_id(digest, old))
            conversation = Conversation.of_all(messages)
            if self._has(conversation, digest):
                return None
        self._digests[conversation.id] = digest
        return conversation

    def _has(self, conversation: Conversation, digest: str) -> bool:
        if self._digests.get(conversation.id) == digest:
            return True
        if conversation.id not in self._stored_ids:
            return False
        stored = {message.id for message in self._store.find(conversation.id).all_messages}
        return all(message.id in stored for message in conversation.all_messages)
