"""Conversations that come in from other programs; stands apart, for only one page reads so many formats."""

from typing import IO

from controller.history.saved_conversations import SavedConversations
from model.transfer.importing import OnProgress, Report, import_all


def import_file(conversations: SavedConversations, file: IO[bytes], on_progress: OnProgress) -> Report:
    """Put all conversations of a file into the saved ones; `on_progress` hears how far it is, and how many came.

    Raises: UnsupportedFile or FileTooLarge when the file is of no use; nothing has changed then.
    """
    return conversations.take_in(lambda store: import_all(file, store, on_progress))
